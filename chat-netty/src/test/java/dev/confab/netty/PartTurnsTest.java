package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PartTurnsTest {
    private static final int OTHERS = 200;

    /** The order of the parts on one event loop does not depend on time: each part counts the parts before it. */
    @Test
    void theFirstPartOfAResponseDoesNotWaitForThePartsOfAllOthers() throws Exception {
        Parts parts = new Parts();
        ChatServerConfig config =
                ChatServerConfig.defaults().withAddress("127.0.0.1", 0).withEventLoops(1);
        List<RawHttp> clients = new ArrayList<>();
        try (ChatServer server = ChatServer.start(config, Routes.of(parts))) {
            for (int i = 0; i < OTHERS; i++) {
                clients.add(new RawHttp(server.port()).get("/parts"));
            }
            parts.allBegun.get(10, TimeUnit.SECONDS);
            clients.add(new RawHttp(server.port()).get("/parts?late"));
            assertThat(parts.between.get(10, TimeUnit.SECONDS)).isLessThan(10);
        } finally {
            clients.forEach(RawHttp::close);
        }
    }

    /** Responses with parts of one byte. They end when the late response has written its first part. */
    private static final class Parts implements Endpoint {
        final CompletableFuture<Void> allBegun = new CompletableFuture<>();
        final CompletableFuture<Integer> between = new CompletableFuture<>();
        private int begun;
        private int written;

        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public String path() {
            return "/parts";
        }

        @Override
        public void handle(Exchange exchange) {
            boolean isLate = exchange.request().uri().endsWith("late");
            int before = written;
            Response head = Response.json(HttpResponseStatus.OK, Unpooled.EMPTY_BUFFER);
            boolean[] isFirst = {true};
            exchange.begin(head, 1 << 30, () -> {
                if (isLate) {
                    between.complete(written - before);
                } else if (isFirst[0] && ++begun == OTHERS) {
                    allBegun.complete(null);
                }
                isFirst[0] = false;
                written++;
                if (between.isDone()) {
                    exchange.channel().close();
                } else {
                    exchange.part(Unpooled.wrappedBuffer(new byte[] {'x'}));
                }
            });
        }
    }
}
