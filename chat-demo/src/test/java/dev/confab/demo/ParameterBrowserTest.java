package dev.confab.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Page;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the pages work with any query in their address: an invalid value counts as a missing value. */
final class ParameterBrowserTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    private static Node node;
    private static DirectClient direct;

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
    @ValueSource(
            strings = {
                "transport=__proto__",
                "transport=constructor",
                "transport=toString",
                "transport=shortpoll",
                "transport=",
                "transport=sse&transport=__proto__",
                "upgrade=__proto__",
                "upgrade=-1",
                "upgrade=1e999",
                "upgrade=",
                "room=__proto__",
                "room=constructor",
                "room=",
                "nick=__proto__",
                "nick=%20",
                "nick=constructor&room=toString&transport=valueOf&upgrade=hasOwnProperty",
                "__proto__=1&constructor=2"
            })
    void theChatWorks(String query) {
        Page page = CHROMIUM.open(direct.page("/?" + query));
        page.locator("#nick").fill("Ann");
        page.locator("#message").fill("hello");
        page.locator("#message").press("Enter");
        assertThat(page.locator("#rows .text").last()).hasText("hello");
        assertThat(page.locator("#connection")).hasAttribute("data-tone", "good");
        assertThat(page.locator("#people-list")).containsText("Ann");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "room=__proto__",
                "room=constructor&rate=constructor",
                "room=",
                "rate=__proto__",
                "rate=",
                "rate=-1",
                "rate=1e999",
                "__proto__=1&constructor=2"
            })
    void theComparisonWorks(String query) {
        Page page = CHROMIUM.open(direct.page("/compare?" + query));
        page.waitForFunction("() => window.compare.totals.stored >= 1");
        assertThat(page.locator("[data-transport=websocket] [data-count=received]"))
                .not()
                .hasText("0");
    }

    /** The page shows that the server refuses a room or a name. */
    @ParameterizedTest
    @ValueSource(strings = {"/?room=a%20b", "/?nick=a%00b", "/?room=%F0%9F%8D%B5"})
    void aRefusalIsShown(String path) {
        CHROMIUM.expect(complaint -> complaint.contains("status of 400") || complaint.contains("WebSocket connection"));
        Page page = CHROMIUM.open(direct.page(path));
        assertThat(page.locator("#banner")).containsText("The server refused the connection");
    }
}
