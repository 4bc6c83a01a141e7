package dev.confab.demo;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.core.Subscriber;
import dev.confab.jdbi.H2File;
import dev.confab.jdbi.JdbiMessageStore;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.Routes;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import java.util.concurrent.Executor;

/** Holds the example of the README between the two markers. */
final class Embedding {
    private Embedding() {}

    static void run(String url, Executor executor, Subscriber subscriber, Runnable untilStopped) {
        // readme:begin
        var pool = new HikariConfig();
        pool.setJdbcUrl(H2File.recover(url)); // jdbc:h2:file:./data/app; for PostgreSQL without recover
        try (var database = new HikariDataSource(pool); // or any other javax.sql.DataSource
                var store = JdbiMessageStore.open(database);
                var chat = new ChatService(store, ChatConfig.defaults());
                var server = ChatServer.start(
                        ChatServerConfig.defaults().withAddress("127.0.0.1", 0),
                        Routes.of(
                                new PublishHandler(chat),
                                new LongPollHandler(chat, LongPollConfig.defaults()),
                                new SseHandler(chat, SseConfig.defaults()),
                                new WebSocketHandler(chat, WebSocketConfig.defaults())))) {
            chat.subscribe(RoomSet.of(Room.LOBBY), Start.EARLIEST, executor, subscriber);
            chat.publish(Draft.of(Room.LOBBY, "hello")).join(); // when this returns, it is on disk
            System.out.println("Listening on port " + server.port());
            untilStopped.run();
        }
        // readme:end
    }
}
