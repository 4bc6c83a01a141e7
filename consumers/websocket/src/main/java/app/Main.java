package app;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Routes;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;

/** A chat over WebSocket alone, whose log is in memory. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws InterruptedException {
        try (var store = new InMemoryMessageStore();
                var chat = new ChatService(store, ChatConfig.defaults());
                var server = ChatServer.start(
                        ChatServerConfig.defaults().withAddress("127.0.0.1", 0),
                        Routes.of(new WebSocketHandler(chat, WebSocketConfig.defaults())))) {
            System.out.println("Listening on port " + server.port());
            Thread.currentThread().join();
        }
    }
}
