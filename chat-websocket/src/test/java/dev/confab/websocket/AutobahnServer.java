package dev.confab.websocket;

import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.http.HttpMethod;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What the Autobahn testsuite is run against: our handshake and our {@link Socket}, which send back what they get. The suite's
 * messages have up to 16 MiB, and some come in 64-byte fragments; the limits for real clients have tests of their own.
 */
public final class AutobahnServer {
    private static final WebSocketConfig CONFIG = WebSocketConfig.defaults().withLimits(16 << 20, 1 << 20, 1 << 20);

    private AutobahnServer() {}

    /** @param args the port */
    public static void main(String[] args) {
        WsServer.listen(
                new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()),
                Integer.parseInt(args[0]),
                new Echo(),
                new CopyOnWriteArrayList<>());
    }

    private static final class Echo implements Endpoint {
        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public String path() {
            return "/";
        }

        @Override
        public void handle(Exchange exchange) {
            Handshake handshake = Handshake.of(exchange.request().headers());
            EchoListener listener = new EchoListener();
            listener.socket = new Socket(CONFIG, Socket.decoderConfig(CONFIG), listener);
            exchange.takeOver(handshake.toAnswer(Unpooled.EMPTY_BUFFER), listener.socket);
        }
    }

    private static final class EchoListener implements SocketListener {
        private Socket socket;

        @Override
        public void message(ByteBuf payload, boolean isText) {
            socket.write(Frames.message(socket.allocator(), isText, payload));
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed(Ending ending) {}

        @Override
        public void gone() {}
    }
}
