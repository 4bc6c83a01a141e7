package app;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.jdbi.H2File;
import dev.confab.jdbi.JdbiMessageStore;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Routes;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import org.h2.jdbcx.JdbcConnectionPool;

/** A chat over WebSocket, as modules in a runtime image that has only the modules of the JDK that the chat needs. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        var database = JdbcConnectionPool.create(H2File.recover(args[0]), "", "");
        try (var store = JdbiMessageStore.open(database);
                var chat = new ChatService(store, ChatConfig.defaults());
                var server = ChatServer.start(
                        ChatServerConfig.defaults().withAddress("127.0.0.1", 0),
                        Routes.of(new WebSocketHandler(chat, WebSocketConfig.defaults())))) {
            System.out.println("Listening on port " + server.port());
            Thread.currentThread().join();
        } finally {
            database.dispose();
        }
    }
}
