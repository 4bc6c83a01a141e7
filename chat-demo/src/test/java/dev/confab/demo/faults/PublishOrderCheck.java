package dev.confab.demo.faults;

import dev.confab.demo.NodeScript;
import dev.confab.demo.ServerProcess;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks the order of one connection's messages while PostgreSQL is frozen for 11 s, which is one second longer than a
 * publish may take. Runs in the profile {@code clients}. {@code -Dconfab.js=FILE} selects another confab.js, such as an
 * older version.
 */
final class PublishOrderCheck {
    private static final long AWAY_SECONDS = 11;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void messagesKeepTheirOrderWhileTheStoreIsFrozen(String transport) {
        try (PostgresProcess postgres = new PostgresProcess(folder.resolve("postgres"));
                ServerProcess server = new ServerProcess(
                        Map.of(),
                        "serve",
                        "--port",
                        "0",
                        "--database-url",
                        "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/postgres?user=postgres")) {
            String url = "http://127.0.0.1:" + server.port();
            String client = System.getProperty("confab.js", "");
            String[] script = client.isEmpty()
                    ? new String[] {"order.mjs", url, transport}
                    : new String[] {"order.mjs", url, transport, client};
            NodeScript.run(20, line -> stopAfter(line, postgres), script);
        }
    }

    /** Freezes the database after message 7 and blocks for the duration. The script continues publishing meanwhile. */
    private static void stopAfter(String line, PostgresProcess postgres) {
        if (line.equals("published 7")) {
            postgres.freeze();
            try {
                TimeUnit.SECONDS.sleep(AWAY_SECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            } finally {
                postgres.thaw();
            }
        }
    }
}
