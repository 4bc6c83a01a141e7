package dev.confab.example;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.core.Subscription;
import dev.confab.jdbi.H2File;
import dev.confab.jdbi.JdbiMessageStore;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.HealthHandler;
import dev.confab.netty.PresenceHandler;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.Routes;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A chat server over all transports with its log in an H2 file, which also prints what is published. */
final class ChatApplication {
    private ChatApplication() {}

    public static void main(String[] arguments) throws InterruptedException {
        var pool = new HikariConfig();
        pool.setJdbcUrl(H2File.recover("jdbc:h2:file:./data/app")); // for PostgreSQL without recover
        BlockingQueue<String> lines = new ArrayBlockingQueue<>(10_000);
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try (var database = new HikariDataSource(pool);
                var store = JdbiMessageStore.open(database);
                var chat = new ChatService(store, ChatConfig.defaults());
                var server =
                        ChatServer.start(ChatServerConfig.defaults().withAddress("127.0.0.1", 8081), routes(chat))) {
            Subscription subscription = chat.subscribe(
                            RoomSet.of(Room.LOBBY), Start.EARLIEST, executor, new Printer(lines))
                    .join();
            chat.publish(Draft.of(Room.LOBBY, new Nick("ann"), "hello", null)).join();
            System.out.println("Listening on port " + server.port());
            while (!Thread.interrupted()) {
                System.out.println(lines.take());
                subscription.resume(); // continues if the queue was full
            }
        } finally {
            executor.shutdown();
        }
    }

    /** The endpoints of the protocol page: each handler serves one path. */
    static Routes routes(ChatService chat) {
        return Routes.of(
                new PublishHandler(chat), // POST /messages
                new LongPollHandler(chat, LongPollConfig.defaults()), // GET /messages
                new SseHandler(chat, SseConfig.defaults()), // GET /events
                new WebSocketHandler(chat, WebSocketConfig.defaults()), // GET /ws
                new PresenceHandler(chat), // GET /presence
                new HealthHandler(chat)); // GET /health
    }
}
