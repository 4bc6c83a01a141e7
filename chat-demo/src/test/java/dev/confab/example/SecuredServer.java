package dev.confab.example;

import dev.confab.core.ChatService;
import dev.confab.core.Nick;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.Access;
import dev.confab.netty.AccessConfig;
import dev.confab.netty.Authenticator;
import dev.confab.netty.Authorizer;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.HttpException;
import dev.confab.netty.PresenceHandler;
import dev.confab.netty.Principal;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.Routes;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A server on which a user of the application reads and writes the rooms of that user. */
final class SecuredServer implements AutoCloseable {
    /** A session of the application: who has logged in, and until when. */
    record Login(String user, Instant end) {}

    private final Map<String, Login> logins; // by the value of the application's cookie
    private final Access access;
    private final ChatServer server;

    SecuredServer(ChatService chat, Map<String, Login> logins, Map<String, Set<String>> roomsOfUsers) {
        this.logins = logins;
        Authenticator authenticator = credentials -> CompletableFuture.completedFuture(principal(credentials.token()));
        Authorizer authorizer = (principal, room, operation) -> CompletableFuture.completedFuture(
                roomsOfUsers.getOrDefault(principal.nick().name(), Set.of()).contains(room.name()));
        this.access = Access.of(chat, AccessConfig.of(authenticator, authorizer).withCookie("session"));
        this.server = ChatServer.start(
                ChatServerConfig.defaults().withAddress("127.0.0.1", 0),
                Routes.of(
                                new PublishHandler(chat),
                                new PresenceHandler(chat),
                                new LongPollHandler(chat, LongPollConfig.defaults()),
                                new SseHandler(chat, SseConfig.defaults()),
                                new WebSocketHandler(chat, WebSocketConfig.defaults()))
                        .with(access));
    }

    private Principal principal(String cookie) {
        Login login = cookie == null ? null : logins.get(cookie);
        if (login == null) {
            throw HttpException.unauthenticated("Log in first");
        }
        return Principal.of(login.user()).withExpiry(login.end());
    }

    /** Ends the session, and closes the user's connections on all nodes. */
    void logOut(String cookie) {
        Login login = logins.remove(cookie);
        if (login != null) {
            access.revoke(new Nick(login.user()));
        }
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.close();
    }
}
