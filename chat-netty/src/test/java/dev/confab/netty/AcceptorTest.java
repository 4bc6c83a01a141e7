package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AcceptorTest {
    private final EmbeddedChannel listener = new EmbeddedChannel(new Acceptor(LogRate.everyMinute(), 1));
    private final List<EmbeddedChannel> connections = new ArrayList<>();

    @Test
    void acceptingPausesWhileAcceptedConnectionsWaitForTheirFirstTurn() {
        for (int i = 0; i < Acceptor.WAITING_PER_LOOP; i++) {
            assertThat(accepts()).as("before connection %d", i).isTrue();
            accept();
        }
        assertThat(accepts()).isFalse();

        takeTurn(connections.get(0));
        assertThat(accepts()).isTrue();

        accept();
        assertThat(accepts()).isFalse();
        connections.forEach(this::takeTurn);
        assertThat(accepts()).isTrue();
    }

    @Test
    void acceptingPausesForASecondAfterAFailure() {
        listener.freezeTime();
        listener.pipeline().fireExceptionCaught(new IOException("Too many open files"));
        assertThat(accepts()).isFalse();

        takeTurn(accept());
        assertThat(accepts()).isFalse();

        listener.advanceTimeBy(1, TimeUnit.SECONDS);
        listener.runScheduledPendingTasks();
        assertThat(accepts()).isTrue();
    }

    @Test
    void aConnectionThatWasClosedAtOnceIsNotAwaited() {
        for (int i = 0; i < Acceptor.WAITING_PER_LOOP; i++) {
            EmbeddedChannel closed = new EmbeddedChannel();
            closed.close();
            listener.writeInbound(closed);
        }
        assertThat(accepts()).isTrue();
    }

    private boolean accepts() {
        return listener.config().isAutoRead();
    }

    private EmbeddedChannel accept() {
        EmbeddedChannel connection = new EmbeddedChannel();
        connections.add(connection);
        listener.writeInbound(connection);
        return connection;
    }

    private void takeTurn(EmbeddedChannel connection) {
        connection.runPendingTasks();
        listener.runPendingTasks();
    }
}
