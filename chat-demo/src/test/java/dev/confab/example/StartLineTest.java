package dev.confab.example;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageStore;
import dev.confab.jdbi.JdbiMessageStore;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import java.util.List;
import java.util.UUID;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Tests what an embedded server logs at its start. */
final class StartLineTest {
    private final Logger confab = (Logger) LoggerFactory.getLogger("dev.confab");
    /** The demo silences this logger, because it logs a line of its own. */
    private final Logger server = (Logger) LoggerFactory.getLogger(ChatServer.class);

    private final Level before = server.getLevel();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        server.setLevel(Level.INFO);
        log.start();
        confab.addAppender(log);
    }

    @AfterEach
    void stop() {
        confab.detachAppender(log);
        server.setLevel(before);
    }

    @Test
    void aServerInMemoryLogsOneLine() {
        try (InMemoryMessageStore store = new InMemoryMessageStore()) {
            int port = start(store);
            assertThat(lines()).containsExactly("Listening on port " + port + " of 127.0.0.1, log in memory");
        }
    }

    @Test
    void aServerWithADatabaseNamesItsVersionButNotItsUrl() {
        JdbcDataSource database = new JdbcDataSource();
        database.setUrl("jdbc:h2:mem:start-" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        try (JdbiMessageStore first = JdbiMessageStore.open(database)) {
            start(first);
        }
        log.list.clear();
        try (JdbiMessageStore second = JdbiMessageStore.open(database)) {
            int port = start(second);
            assertThat(lines())
                    .singleElement()
                    .asString()
                    .matches("Listening on port " + port + " of 127\\.0\\.0\\.1, log in H2 \\d+\\.\\d+\\.\\d+ [^;:]*");
        }
    }

    private static int start(MessageStore store) {
        try (ChatService chat = new ChatService(store, ChatConfig.defaults());
                ChatServer server = ChatServer.start(
                        ChatServerConfig.defaults().withAddress("127.0.0.1", 0), ChatApplication.routes(chat))) {
            return server.port();
        }
    }

    private List<String> lines() {
        return List.copyOf(log.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }
}
