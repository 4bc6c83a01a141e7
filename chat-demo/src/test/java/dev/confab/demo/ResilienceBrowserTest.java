package dev.confab.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the page with a server that stops, restarts, or does not offer every transport. */
final class ResilienceBrowserTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    /**
     * Makes short waits end immediately and long ones never: the page soon announces its next attempt, and does not
     * make it by itself.
     */
    private static final String ONLY_SHORT_TIMERS_FIRE = "const later = setTimeout;"
            + " window.setTimeout = (task, ms = 0) => later(task, ms > 1500 ? ms + 600000 : 0);";

    @TempDir
    Path folder;

    private Node node;
    private DirectClient direct;

    private void start(int port, Set<Transport> transports) {
        node = Node.start(NodeConfig.inMemory()
                .withPort(port)
                .withDatabaseUrl("jdbc:h2:file:" + folder.resolve("chat"))
                .withTransports(transports));
        direct = new DirectClient(node.port());
    }

    private void restart(Set<Transport> transports) {
        int port = node.port();
        node.close();
        start(port, transports);
    }

    @AfterEach
    void stop() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "websocket", "sse", "longpoll"})
    void aServerRestartNeitherLosesNorRepeatsMessages(String transport) {
        CHROMIUM.expect(ResilienceBrowserTest::isOfTheNetwork);
        start(0, Transport.SERVED);
        ChatWindow ann = ChatWindow.open(CHROMIUM, direct, "lobby", "Ann", transport);
        ann.page.waitForFunction("() => window.confab.state === 'open'");
        List<String> said = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 10; i++) {
                said.add("before " + round + "-" + i);
                direct.say("lobby", "Ben", said.get(said.size() - 1));
            }
            int port = node.port();
            node.close();
            assertThat(ann.page.locator("#connection")).not().hasAttribute("data-tone", "good");
            // The message is written while no server runs: the page keeps the message, and sends it once.
            said.add("from Ann without a server " + round);
            ann.say("from Ann without a server " + round);
            start(port, Transport.SERVED);
            ann.awaitHanded(said.size());
        }
        assertThat(ann.handedIds()).isEqualTo(direct.ids("lobby")).doesNotHaveDuplicates();
        assertThat(ann.handedBodies()).isEqualTo(said);
        assertThat(ann.gaps()).isZero();
        assertThat(ann.page.locator("#outbox li")).hasCount(0);
    }

    @Test
    void aBlockedWebSocketFallsBackByItselfAndReturnsLater() {
        CHROMIUM.expect(complaint -> complaint.contains("WebSocket connection") || isOfTheNetwork(complaint));
        start(0, EnumSet.of(Transport.LONGPOLL, Transport.SSE));
        ChatWindow ann = ChatWindow.open(CHROMIUM, direct, "lobby", "Ann", "auto");
        ann.awaitLive("Server-Sent Events");
        ann.say("over the second choice");
        ann.awaitText("over the second choice");

        restart(EnumSet.of(Transport.LONGPOLL));
        ann.awaitLive("Long poll");
        ann.say("over the third choice");
        ann.awaitText("over the third choice");

        restart(Transport.SERVED);
        ann.awaitLive("WebSocket");
        ann.say("over the first choice");
        ann.awaitText("over the first choice");
        assertThat(ann.handedBodies())
                .isEqualTo(direct.bodies("lobby"))
                .containsExactly("over the second choice", "over the third choice", "over the first choice");
    }

    @Test
    void anUnreachableServerIsShownAndTriedAgain() {
        CHROMIUM.expect(ResilienceBrowserTest::isOfTheNetwork);
        start(0, Transport.SERVED);
        Page page = CHROMIUM.open("about:blank");
        page.addInitScript(ONLY_SHORT_TIMERS_FIRE);
        ChatWindow ann = ChatWindow.open(page, direct.page("/?room=lobby&nick=Ann"));
        ann.page.waitForFunction("() => window.confab.state === 'open'");
        assertThat(ann.page.locator("#empty")).containsText("#lobby is quiet");
        int port = node.port();
        node.close();
        assertThat(ann.page.locator("#banner")).containsText("Trying again in");
        start(port, Transport.SERVED);
        ann.page.locator("#banner-button").click();
        ann.awaitLive("WebSocket");
        assertThat(ann.page.locator("#banner")).isHidden();
    }

    /** Tells whether Chromium itself logs this error when it cannot reach a server. */
    private static boolean isOfTheNetwork(String complaint) {
        return complaint.contains("net::ERR_")
                || complaint.contains("WebSocket connection")
                || complaint.contains("status of 503")
                || complaint.contains("status of 404");
    }
}
