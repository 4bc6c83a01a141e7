package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** axe-core finds no fault on any page, in any colour scheme and at any width. */
final class AccessibilityBrowserTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    /**
     * True when the page is complete: the chat shows its messages or the notice that the room is quiet, the comparison
     * page shows a count in every pane, and the page for publish and subscribe has its form.
     */
    private static final String COMPLETE = """
            () => window.compare
              ? [...document.querySelectorAll('[data-count=received]')]
                .filter(cell => Number(cell.textContent) > 0).length === 4
              : document.querySelector('#rows li, #form #nick')
                || document.querySelector('#empty:not([hidden]) #empty-title')?.textContent.endsWith('is quiet')\
            """;

    private static Node node;
    private static DirectClient direct;
    private static String axe;

    @BeforeAll
    static void start() throws IOException {
        node = Node.start(NodeConfig.inMemory());
        direct = new DirectClient(node.port());
        for (int i = 0; i < 100; i++) {
            direct.say("tea", "person " + i % 9, "A message of some length, number " + i);
        }
        direct.say("tea", "Kenji", "long ".repeat(1_000));
        try (InputStream in = AccessibilityBrowserTest.class.getResourceAsStream("/axe.min.js")) {
            axe = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/?room=tea&nick=Ann, LIGHT, 1280",
        "/?room=tea&nick=Ann, DARK, 1280",
        "/?room=tea&nick=Ann, LIGHT, 390",
        "/?room=empty, DARK, 390",
        "/compare, LIGHT, 1280",
        "/compare, DARK, 1280",
        "/compare, LIGHT, 390",
        "/pubsub, DARK, 1280",
        "/pubsub, LIGHT, 390"
    })
    void axeFindsNoFault(String path, ColorScheme colours, int width) {
        Page page = CHROMIUM.open(
                direct.page(path),
                new Browser.NewContextOptions().setViewportSize(width, 800).setColorScheme(colours));
        page.waitForFunction(COMPLETE);
        // The source is evaluated because the page's Content-Security-Policy would refuse an added script element.
        page.evaluate(axe + "; undefined");
        @SuppressWarnings("unchecked")
        List<Map<String, Object>> faults = (List<Map<String, Object>>) page.evaluate("""
            async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
              .map(one => ({ id: one.id, impact: one.impact, where: one.nodes.map(node => node.target.join(' ')).join(', ') }))\
            """);
        assertThat(faults).isEmpty();
        assertThat((boolean) page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))
                .as("nothing sticks out at the side")
                .isTrue();
    }
}
