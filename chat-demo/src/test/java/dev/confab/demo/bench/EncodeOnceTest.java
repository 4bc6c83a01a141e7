package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Room;
import dev.confab.demo.Transport;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollEncodes;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.Routes;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseEncodes;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketEncodes;
import dev.confab.websocket.WebSocketHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Counts, over real connections, how often a range that all readers of an event loop receive is encoded. */
final class EncodeOnceTest {
    private static final int MESSAGES = 5;

    private static Stream<Arguments> crowds() {
        return Stream.of(Transport.WEBSOCKET, Transport.SSE, Transport.LONGPOLL)
                .flatMap(transport -> IntStream.of(1, 10, 1_000).mapToObj(readers -> Arguments.of(transport, readers)));
    }

    @ParameterizedTest
    @MethodSource("crowds")
    void rangeIsEncodedOnceForAnyNumberOfReaders(Transport transport, int readers) throws InterruptedException {
        try (InMemoryMessageStore store = new InMemoryMessageStore();
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            Served served = serve(transport, chat);
            try (ChatServer server = start(served.endpoint);
                    Loops loops = new Loops()) {
                List<String> rooms = Crowd.newRooms(1);
                Address address = new Address(false, "127.0.0.1", server.port(), "");
                Crowd crowd = new Crowd(loops, List.of(address), rooms, 0);
                crowd.open(transport, readers, null);
                served.endpoint.awaitTaken(readers);
                long before = served.encodes.getAsLong();
                long start = secondOfTheDate();
                for (int i = 0; i < MESSAGES; i++) {
                    if (transport == Transport.LONGPOLL) {
                        // A group without readers keeps no range. A poll that arrives after the responses to all other
                        // polls is therefore encoded again. So each reader waits before the message is published.
                        served.endpoint.awaitTaken(readers);
                    }
                    chat.publish(Draft.of(new Room(rooms.get(0)), body(i))).join();
                    while (crowd.sum(Tally::deliveries) < (i + 1L) * readers) {
                        turn(loops);
                    }
                }
                assertThat(served.encodes.getAsLong() - before)
                        .isBetween((long) MESSAGES, MESSAGES + againForTheDate(transport, secondOfTheDate() - start));
            }
        }
    }

    /** Returns the number of additional encodings: a poll's response has a date, which changes each second. */
    private static long againForTheDate(Transport transport, long seconds) {
        return transport == Transport.LONGPOLL ? seconds : 0;
    }

    /** A duration does not tell how often the date changed: a second can begin within a millisecond. */
    private static long secondOfTheDate() {
        return TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
    }

    private static Served serve(Transport transport, ChatService chat) {
        return switch (transport) {
            case WEBSOCKET -> {
                WebSocketHandler handler = new WebSocketHandler(chat, WebSocketConfig.defaults());
                yield new Served(new Taking(handler), () -> WebSocketEncodes.of(handler));
            }
            case SSE -> {
                SseHandler handler = new SseHandler(chat, SseConfig.defaults());
                yield new Served(new Taking(handler), () -> SseEncodes.of(handler));
            }
            case LONGPOLL, SHORTPOLL -> {
                LongPollHandler handler = new LongPollHandler(chat, LongPollConfig.defaults());
                yield new Served(new Taking(handler), () -> LongPollEncodes.of(handler));
            }
        };
    }

    private static ChatServer start(Endpoint endpoint) {
        ChatServerConfig config =
                ChatServerConfig.defaults().withAddress("127.0.0.1", 0).withEventLoops(1);
        return ChatServer.start(config, Routes.of(endpoint));
    }

    /** Waits until the client's event loops have executed their current tasks. */
    private static void turn(Loops loops) {
        loops.reading().forEach(loop -> loop.submit(() -> {}).syncUninterruptibly());
    }

    private static String body(int number) {
        ByteBuf body = Unpooled.buffer();
        Body.write(body, number, System.nanoTime(), Body.MIN_LENGTH);
        return body.toString(StandardCharsets.US_ASCII);
    }

    private record Served(Taking endpoint, LongSupplier encodes) {}

    /** An endpoint that counts handled requests. With an in-memory store, the request's reader is then in its group. */
    private static final class Taking implements Endpoint {
        private final Endpoint endpoint;
        private final Semaphore taken = new Semaphore(0);

        Taking(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public HttpMethod method() {
            return endpoint.method();
        }

        @Override
        public String path() {
            return endpoint.path();
        }

        @Override
        public void handle(Exchange exchange) {
            endpoint.handle(exchange);
            taken.release();
        }

        @Override
        public CompletionStage<Void> drain(Duration time) {
            return endpoint.drain(time);
        }

        /** Waits for the next {@code requests}. The timeout of the test ends a wait that cannot succeed. */
        void awaitTaken(int requests) throws InterruptedException {
            taken.acquire(requests);
        }
    }
}
