package dev.confab.demo;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests confab.js in Node with each WebSocket library for Node and in Firefox, and client libraries from npm. */
@Timeout(180)
final class NodeClientsTest {
    private static Node node;

    @BeforeAll
    static void start() {
        node = Node.start(NodeConfig.inMemory());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @ParameterizedTest
    @CsvSource({"20, ws", "20, undici6", "20, undici7", "22, ws", "22, undici6", "22, undici7", "22, native"})
    void confabRunsOnEveryWebSocket(int version, String library) {
        NodeScript.run(version, "confab.mjs", url(), library);
    }

    /** The server of this test is a script, because it refuses tokens at given moments. */
    @ParameterizedTest
    @CsvSource({"20, ws", "22, native"})
    void confabRenewsItsToken(int version, String library) {
        NodeScript.run(version, "token.mjs", library);
    }

    @Test
    void wsAndEventSourceMissNothing() {
        NodeScript.run(20, "clients.mjs", url());
    }

    /** Firefox is driven over WebDriver BiDi, so no driver has to fit its version. */
    @Test
    void confabRunsInFirefox() {
        Optional<Path> firefox = Chromium.executable(List.of("firefox-esr", "firefox"));
        assumeTrue(firefox.isPresent(), "No Firefox on the PATH: its test is left out");
        assumeTrue(
                Files.isDirectory(NodeScript.CLIENTS.resolve("node_modules/puppeteer-core")),
                "npm install --prefix chat-demo/clients has not installed puppeteer-core");
        NodeScript.run(22, "firefox.mjs", url(), firefox.orElseThrow().toString());
    }

    private static String url() {
        return "http://127.0.0.1:" + node.port();
    }
}
