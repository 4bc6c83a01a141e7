package dev.confab.demo;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.Routes;
import dev.confab.netty.SessionInfo;
import dev.confab.netty.SessionListener;
import dev.confab.netty.Sessions;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import java.util.function.BiConsumer;

/** Holds the hub of docs/embedding.md between the two marks. */
final class Hub {
    private Hub() {}

    static void run(BiConsumer<ChatServer, Sessions> untilStopped) {
        // hub:begin
        var sessions = new Sessions();
        sessions.addListener(new SessionListener() {
            @Override
            public void opened(SessionInfo session) { // add a connection
                sessions.broadcastExcept(session.name(), session.name() + " connected"); // to all but one
            }

            @Override
            public void closed(SessionInfo session) { // remove a connection
                sessions.broadcast(session.name() + " disconnected"); // to all
            }
        });
        try (var store = new InMemoryMessageStore();
                var chat = new ChatService(store, ChatConfig.defaults());
                var server = ChatServer.start(
                        ChatServerConfig.defaults().withAddress("127.0.0.1", 0),
                        Routes.of(
                                new PublishHandler(chat, sessions),
                                new LongPollHandler(chat, LongPollConfig.defaults(), sessions),
                                new SseHandler(chat, SseConfig.defaults(), sessions),
                                new WebSocketHandler(chat, WebSocketConfig.defaults(), sessions)))) {
            untilStopped.accept(server, sessions);
        }
        // hub:end
    }
}
