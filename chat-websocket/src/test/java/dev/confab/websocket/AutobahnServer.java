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
 * The server for the Autobahn testsuite: it uses Confab's handshake and {@link Socket}, and echoes every message. The
 * messages of the suite have up to 16 MiB, and some arrive in fragments of 64 bytes. Other tests cover the limits for
 * real clients.
 */
public final class AutobahnServer {
    private static final WebSocketConfig CONFIG = WebSocketConfig.defaults().withLimits(16 << 20, 1 << 20, 1 << 20);

    private AutobahnServer() {}

    /** @param args the port to listen on */
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
    }
}
