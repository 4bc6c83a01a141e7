package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConnectionsTest {
    private final Connections connections = new Connections(1, new Events(ServerListener.NONE));
    private final List<Object> received = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter() {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            received.add(event);
        }
    });

    @Test
    void aConnectionThatIsAddedWhileADrainBeginsIsNotifiedOfTheDrain() {
        assertThat(connections.add(channelThatBeginsADrain())).isTrue();

        channel.runPendingTasks();
        assertThat(received).containsExactly(ServerEvent.DRAINING);
    }

    /** Begins the drain right before the channel is in the set of connections, which asks for its hash code first. */
    private Channel channelThatBeginsADrain() {
        return (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("hashCode")) {
                        connections.drain();
                    }
                    return method.invoke(channel, arguments);
                });
    }
}
