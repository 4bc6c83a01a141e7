package dev.confab.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the page that shows the transports side by side. */
final class CompareBrowserTest {
    private static final List<String> TRANSPORTS = List.of("websocket", "sse", "longpoll", "shortpoll");

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

    @Test
    void theCountsOfThePageAgreeWithTheServer() {
        Page page = CHROMIUM.open(direct.page("/compare?room=counts"));
        page.getByLabel("Publish rate").fill("6");
        page.waitForFunction("() => window.compare.totals.stored >= 60");

        cut(page, "websocket").click();
        cut(page, "longpoll").click();
        offline(page, "sse").check();
        assertThat(pane(page, "sse").getByRole(AriaRole.STATUS)).containsText("Offline");
        page.waitForFunction("() => window.compare.totals.stored >= 140");
        offline(page, "sse").uncheck();
        assertThat(pane(page, "sse").locator(".resume")).containsText("Nothing missed, nothing twice");
        assertThat(pane(page, "websocket").locator(".resume")).containsText("Nothing missed, nothing twice");
        assertThat(pane(page, "longpoll").locator(".resume")).containsText("Cursor after");

        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Pause publishing"))
                .click();
        page.waitForFunction("() => window.compare.totals.stored === window.compare.totals.sent");
        int stored = direct.messages("counts").size();
        String count = String.format(Locale.ROOT, "%,d", stored);
        assertThat(page.locator("#total-stored")).hasText(count);
        for (String transport : TRANSPORTS) {
            assertThat(number(page, transport, "received")).hasText(count);
            assertThat(number(page, transport, "behind")).hasText("0");
            assertThat(number(page, transport, "lost")).hasText("0");
            assertThat(number(page, transport, "doubled")).hasText("0");
            assertThat(number(page, transport, "gaps")).hasText("0");
            assertThat(number(page, transport, "p99")).containsText("s");
        }
        assertThat(number(page, "websocket", "reconnects")).hasText("1");
        assertThat(number(page, "sse", "reconnects")).hasText("0");
        // The WebSocket needs one request per connection; long poll needs one request per delivery.
        int socket = Integer.parseInt(number(page, "websocket", "requests").textContent());
        int poll = Integer.parseInt(number(page, "longpoll", "requests").textContent());
        assertThat(socket).isEqualTo(2);
        assertThat(poll).isGreaterThan(10);
    }

    @Test
    void thePageDrawsItsCharts() {
        Page page = CHROMIUM.open(direct.page("/compare"));
        page.waitForFunction("() => window.compare.totals.stored >= 4");
        page.waitForFunction("""
            () => [...document.querySelectorAll('canvas')].every(canvas => {
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
              return data.some(value => value !== 0);
            })\
            """);
        assertThat(page.locator("canvas")).hasCount(5);
    }

    @Test
    void messagesFromBeforeAResetAreNotCounted() {
        Page page = CHROMIUM.open(direct.page("/compare"));
        page.waitForFunction("() => window.compare.totals.stored >= 1");
        offline(page, "sse").check();
        page.waitForFunction(
                "stored => window.compare.totals.stored >= stored + 3",
                page.evaluate("() => window.compare.totals.stored"));
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Pause publishing"))
                .click();
        page.waitForFunction("() => window.compare.totals.stored === window.compare.totals.sent");
        String stored = page.evaluate("() => window.compare.totals.stored").toString();
        for (String transport : List.of("websocket", "longpoll", "shortpoll")) {
            assertThat(number(page, transport, "received")).hasText(stored);
        }

        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Reset numbers"))
                .click();
        offline(page, "sse").uncheck();
        assertThat(pane(page, "sse").locator(".resume")).containsText("Nothing missed, nothing twice");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Start publishing"))
                .click();
        page.waitForFunction("() => window.compare.totals.stored >= 1");
        page.getByRole(AriaRole.BUTTON, new Page.GetByRoleOptions().setName("Pause publishing"))
                .click();
        page.waitForFunction("() => window.compare.totals.stored === window.compare.totals.sent");
        stored = page.evaluate("() => window.compare.totals.stored").toString();
        for (String transport : TRANSPORTS) {
            assertThat(number(page, transport, "received")).hasText(stored);
            assertThat(number(page, transport, "lost")).hasText("0");
            assertThat(number(page, transport, "behind")).hasText("0");
        }
    }

    private static Locator pane(Page page, String transport) {
        return page.locator("[data-transport=" + transport + "]");
    }

    private static Locator number(Page page, String transport, String name) {
        return pane(page, transport).locator("[data-count=" + name + "]");
    }

    private static Locator cut(Page page, String transport) {
        return pane(page, transport).getByRole(AriaRole.BUTTON);
    }

    private static Locator offline(Page page, String transport) {
        return pane(page, transport).getByRole(AriaRole.SWITCH);
    }
}
