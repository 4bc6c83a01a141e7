package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Room;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.HealthHandler;
import dev.confab.netty.RawHttp;
import dev.confab.netty.Routes;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Over real connections, how often what all readers of an event loop get is encoded. */
final class EncodeOnceTest {
    private static final int MESSAGES = 5;

    private static Stream<Arguments> crowds() {
        return Stream.of(Wire.WEBSOCKET, Wire.SSE, Wire.LONGPOLL)
                .flatMap(wire -> IntStream.of(1, 10, 1_000).mapToObj(readers -> Arguments.of(wire, readers)));
    }

    @ParameterizedTest
    @MethodSource("crowds")
    void aRangeIsEncodedOnceHoweverManyReadIt(Wire wire, int readers) throws InterruptedException {
        try (InMemoryMessageStore store = new InMemoryMessageStore();
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            Served served = serve(wire, chat);
            try (ChatServer server = start(chat, served.endpoint);
                    RawHttp other = new RawHttp(server.port());
                    Loops loops = new Loops()) {
                List<String> rooms = Crowd.newRooms(1);
                Address address = new Address("127.0.0.1", server.port(), "");
                Crowd crowd = new Crowd(loops, List.of(address), rooms, 0);
                crowd.open(wire, readers, null);
                long before = served.encodes.getAsLong();
                for (int i = 0; i < MESSAGES; i++) {
                    chat.publish(Draft.of(new Room(rooms.get(0)), body(i))).join();
                    while (crowd.sum(Tally::deliveries) < (i + 1L) * readers) {
                        turn(loops);
                    }
                    // Who polls has asked again by then, and when another request is answered, those before it were
                    // read.
                    turn(loops);
                    assertThat(other.get("/health").read().status()).isEqualTo(200);
                }
                assertThat(served.encodes.getAsLong() - before).isEqualTo(MESSAGES);
            }
        }
    }

    private static Served serve(Wire wire, ChatService chat) {
        return switch (wire) {
            case WEBSOCKET -> {
                WebSocketHandler handler = new WebSocketHandler(chat, WebSocketConfig.defaults());
                yield new Served(handler, handler::encodes);
            }
            case SSE -> {
                SseHandler handler = new SseHandler(chat, SseConfig.defaults());
                yield new Served(handler, handler::encodes);
            }
            case LONGPOLL, SHORTPOLL -> {
                LongPollHandler handler = new LongPollHandler(chat, LongPollConfig.defaults());
                yield new Served(handler, handler::encodes);
            }
        };
    }

    private static ChatServer start(ChatService chat, Endpoint endpoint) {
        ChatServerConfig config =
                ChatServerConfig.defaults().withAddress("127.0.0.1", 0).withEventLoops(1);
        return ChatServer.start(config, Routes.of(endpoint, new HealthHandler(chat)));
    }

    /** Waits for what the client's loops do now. */
    private static void turn(Loops loops) {
        loops.reading().forEach(loop -> loop.submit(() -> {}).syncUninterruptibly());
    }

    private static String body(int number) {
        ByteBuf body = Unpooled.buffer();
        Body.write(body, number, System.nanoTime(), Body.MIN_LENGTH);
        return body.toString(StandardCharsets.US_ASCII);
    }

    private record Served(Endpoint endpoint, LongSupplier encodes) {}
}
