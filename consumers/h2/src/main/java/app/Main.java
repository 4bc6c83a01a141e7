package app;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
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

/** A chat over all transports, whose log is in an H2 file. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        var pool = new HikariConfig();
        pool.setJdbcUrl(H2File.recover(args[0]));
        try (var database = new HikariDataSource(pool);
                var store = JdbiMessageStore.open(database);
                var chat = new ChatService(store, ChatConfig.defaults());
                var server = ChatServer.start(
                        ChatServerConfig.defaults().withAddress("127.0.0.1", 0),
                        Routes.of(
                                new PublishHandler(chat),
                                new LongPollHandler(chat, LongPollConfig.defaults()),
                                new SseHandler(chat, SseConfig.defaults()),
                                new WebSocketHandler(chat, WebSocketConfig.defaults())))) {
            System.out.println("Listening on port " + server.port());
            Thread.currentThread().join();
        }
    }
}
