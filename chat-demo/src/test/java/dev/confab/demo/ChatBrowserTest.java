package dev.confab.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the chat page in a real browser against a real server. */
final class ChatBrowserTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    private static Node node;
    private static DirectClient direct;

    private final String room = "r" + UUID.randomUUID().toString().substring(0, 8);

    @BeforeAll
    static void start() {
        node = Node.start(NodeConfig.inMemory());
        direct = new DirectClient(node.port());
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "websocket,websocket",
        "websocket,sse",
        "websocket,longpoll",
        "sse,websocket",
        "sse,sse",
        "sse,longpoll",
        "longpoll,websocket",
        "longpoll,sse",
        "longpoll,longpoll"
    })
    void twoPagesChatOverEveryPairOfTransports(String one, String other) {
        ChatWindow ann = ChatWindow.open(CHROMIUM, direct, room, "Ann", one);
        ann.awaitLive(label(one));
        ChatWindow ben = ChatWindow.open(CHROMIUM, direct, room, "Ben", other);
        ben.awaitLive(label(other));
        ann.say("from Ann over " + one);
        ben.awaitText("from Ann over " + one);
        ben.say("from Ben over " + other);
        ann.awaitText("from Ben over " + other);

        ann.awaitHanded(2);
        ben.awaitHanded(2);
        assertThat(ann.handedIds()).isEqualTo(ben.handedIds()).isEqualTo(direct.ids(room));
        assertThat(ann.page.locator("#outbox li")).hasCount(0);
        assertThat(ann.page.locator("#people-list li")).hasCount(2);
        assertThat(ann.page.locator("#rows")).containsText("Ben joined");
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void unusualTextIsShownLiterally(String transport) {
        ChatWindow ann = ChatWindow.open(CHROMIUM, direct, room, "Ann", transport);
        ann.awaitLive(label(transport));
        List<String> texts = List.of(
                "<b>bold</b><script>alert(1)</script><img src=x onerror=alert(2)>",
                "مرحبا بالعالم \u202Eabc",
                "👩🏽‍💻🏳️‍🌈 é \u0301 \u2028 line",
                "two\nlines  and   spaces",
                "é".repeat(5_000));
        for (String text : texts) {
            ann.say(text);
        }
        ann.awaitHanded(texts.size());
        assertThat(ann.handedBodies()).isEqualTo(texts).isEqualTo(direct.bodies(room));
        assertThat(ann.page.locator("#rows .text")).hasCount(texts.size());
        assertThat(ann.shown()).isEqualTo(texts);
        assertThat(ann.page.locator("#rows b, #rows script, #rows img")).hasCount(0);

        ann.say("é".repeat(5_001));
        assertThat(ann.page.locator("#composer-note")).containsText("too long");
        assertThat(ann.page.locator("#message")).hasValue("é".repeat(5_001));
    }

    @Test
    void aReloadResumesAndShowsNewMessages() {
        ChatWindow ann = ChatWindow.open(CHROMIUM, direct, room, "Ann", "auto");
        ann.awaitLive("WebSocket");
        direct.say(room, "Ben", "read before");
        ann.awaitText("read before");
        ann.page.navigate("about:blank");
        direct.say(room, "Ben", "said meanwhile");
        ann.page.goBack();
        ann.awaitText("said meanwhile");
        assertThat(ann.shown()).containsExactly("read before", "said meanwhile");
        assertThat(ann.page.locator(".unread-line")).hasCount(1);

        ann.page.reload();
        ann.awaitText("said meanwhile");
        assertThat(ann.shown()).containsExactly("read before", "said meanwhile");
        assertThat(ann.page.locator("#nick")).hasValue("Ann");
    }

    @Test
    void switchingTheTransportNeitherLosesNorRepeatsMessages() {
        ChatWindow ann = ChatWindow.open(CHROMIUM, direct, room, "Ann", "auto");
        ann.awaitLive("WebSocket");
        List<String> said = new ArrayList<>();
        for (String transport : List.of("longpoll", "sse", "websocket", "sse", "longpoll", "websocket")) {
            ann.use(transport);
            for (int i = 0; i < 15; i++) {
                said.add("while going to " + transport + " " + said.size());
                direct.say(room, "Ben", said.get(said.size() - 1));
                if (i % 5 == 0) {
                    ann.say("Ann " + said.size());
                }
            }
            ann.awaitLive(label(transport));
        }
        ann.awaitHanded(said.size() + 18);
        assertThat(ann.handedIds()).isEqualTo(direct.ids(room)).doesNotHaveDuplicates();
        assertThat(ann.handedBodies())
                .filteredOn(body -> body.startsWith("while"))
                .isEqualTo(said);
        assertThat(ann.gaps()).isZero();
        assertThat(direct.get("/messages?wait=0&room=" + room).body())
                .as("nobody saw her leave")
                .contains("\"type\":\"join\"")
                .doesNotContain("\"type\":\"leave\"");
    }

    @Test
    void scrollingUpLoadsTheHistory() {
        for (int i = 0; i < 230; i++) {
            direct.say(room, "Ben", "message " + i + (i % 10 == 0 ? " with more text".repeat(20) : ""));
        }
        ChatWindow ann = ChatWindow.open(CHROMIUM, direct, room, "Ann", "auto");
        ann.awaitText("message 229");
        ann.page.locator("#log").hover();
        ann.page.waitForCondition(() -> {
            ann.page.mouse().wheel(0, -400);
            return ann.page.locator("#older").textContent().equals("This is the beginning of #" + room);
        });
        ann.page.waitForCondition(() -> {
            ann.page.mouse().wheel(0, -2_000);
            return ann.page.locator("#log").evaluate("log => log.scrollTop").equals(0);
        });
        assertThat(ann.texts().first()).containsText("message 0 ");
        assertThat(ann.texts().count()).isLessThan(80);

        direct.say(room, "Ben", "news");
        assertThat(ann.page.locator("#jump")).hasText("↓ 1 new message");
        assertThat(ann.page).hasTitle("(1) #" + room + " · Confab");
        ann.page.locator("#jump").click();
        ann.awaitText("news");
        assertThat(ann.page).hasTitle("#" + room + " · Confab");
    }

    @Test
    void tenThousandMessagesNeedOnlyAFewRowsInThePage() {
        ChatWindow ann = ChatWindow.open(CHROMIUM, direct, room, "Ann", "websocket");
        ann.awaitLive("WebSocket");
        // The page's own connection is not used because it has only one unconfirmed message at a time. The window holds
        // a reference to the socket: otherwise the socket could be garbage-collected before it has sent all messages.
        ann.page.evaluate("""
            async room => {
              const socket = new WebSocket(`ws://${location.host}/ws?room=${room}`);
              window.sender = socket;
              await new Promise(resolve => { socket.onopen = resolve; });
              for (let i = 0; i < 10000; i++) socket.send(JSON.stringify({ type: 'send', body: 'message ' + i }));
            }\
            """, room);
        ann.awaitHanded(10_000);
        ann.awaitText("message 9999");
        assertThat(ann.page.locator("*").count()).isLessThan(900);
        // A scroll step changes a limited number of rows, regardless of the number of messages.
        int mostChanged = (int) ann.page.evaluate("""
            async () => {
              const log = document.querySelector('#log');
              let changed = 0;
              new MutationObserver(changes => {
                for (const { addedNodes, removedNodes } of changes) changed += addedNodes.length + removedNodes.length;
              }).observe(document.querySelector('#rows'), { childList: true });
              let most = 0;
              for (let i = 0; i < 60; i++) {
                changed = 0;
                log.scrollTop -= 1500;
                await new Promise(requestAnimationFrame);
                await new Promise(requestAnimationFrame);
                most = Math.max(most, changed);
              }
              return most;
            }\
            """);
        assertThat(mostChanged).isBetween(1, 300);
        assertThat(ann.texts().count()).isLessThan(120);
    }

    @Test
    void thePageCanBeUsedWithTheKeyboardAlone() {
        Page page = CHROMIUM.open(direct.page("/?room=" + room));
        page.keyboard().press("Tab");
        page.keyboard().press("Enter");
        assertThat(page.locator("#message")).isFocused();
        page.keyboard().type("hello");
        page.keyboard().press("Enter");
        assertThat(page.locator("#nick")).isFocused();
        assertThat(page.locator("#composer-note")).containsText("Choose a name first");
        page.keyboard().type("Ann");
        page.keyboard().press("Enter");
        assertThat(page.locator("#message")).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.locator("#rows .text")).hasText("hello");
        assertThat(page.locator("#rows .nick")).hasText("Ann");
        assertThat(page.locator("#people-list")).containsText("Ann");
        assertThat(page.locator("#announcer")).containsText("Ann: hello", new LocatorAssertions.ContainsTextOptions());
    }

    private static String label(String transport) {
        return switch (transport) {
            case "websocket" -> "WebSocket";
            case "sse" -> "Server-Sent Events";
            default -> "Long poll";
        };
    }
}
