package dev.confab.sse;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.core.Signal;
import dev.confab.netty.EventClient;
import dev.confab.netty.SessionInfo;
import io.netty.channel.Channel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stream is a session that an application can list, send notices to, and close. */
@Timeout(30)
class StreamSessionTest {
    private Server server;

    @BeforeEach
    void start() {
        server = Server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aNoticeIsAnEventWithoutAnIdAndEntriesFollow() throws Exception {
        try (EventClient client = server.get("/events?room=a")) {
            client.block();
            client.block();
            server.awaitStreams(1);
            server.sessions().broadcast(new Room("a"), "hi");
            assertThat(client.block())
                    .isEqualTo("event: notice\ndata: {\"type\":\"notice\",\"room\":\"a\",\"text\":\"hi\"}");
            MessageId next = server.publish(new Room("a"), "next");
            assertThat(client.block()).startsWith("id: " + next);
        }
    }

    @Test
    void aStreamIsListedByItsNameUntilItIsClosed() throws Exception {
        try (EventClient client = server.get("/events?room=a")) {
            client.block();
            String name = field(client.block(), "session");
            server.awaitStreams(1);
            Channel channel = server.channel();
            List<SessionInfo> open = list();
            assertThat(open).singleElement().returns(name, SessionInfo::name).returns("sse", SessionInfo::transport);
            assertThat(open.get(0).address()).isNotNull();
            assertThat(server.sessions()
                            .close(name, 4000, "")
                            .toCompletableFuture()
                            .join())
                    .isTrue();
            assertThat(client.block()).startsWith("retry: ");
            assertThat(client.next()).isNull();
            Server.awaitClose(channel);
            assertThat(list()).isEmpty();
        }
    }

    @Test
    void aSignalIsAnEventWithoutAnId() throws Exception {
        try (EventClient client = server.get("/events?room=a")) {
            client.block();
            client.block();
            server.awaitStreams(1);
            server.chat().signal(new Signal(new Room("a"), "typing", "x", null, null));
            assertThat(client.block())
                    .isEqualTo("event: signal\ndata: {\"type\":\"signal\",\"room\":\"a\",\"event\":\"typing\","
                            + "\"data\":\"x\"}");
        }
    }

    private List<SessionInfo> list() {
        return server.sessions().list(new Room("a")).toCompletableFuture().join();
    }
}
