package dev.confab.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.util.List;

/** The chat page as one who uses it sees it. For one thread. */
final class ChatWindow {
    private static final LocatorAssertions.ContainsTextOptions PATIENT =
            new LocatorAssertions.ContainsTextOptions().setTimeout(30_000);
    final Page page;

    private ChatWindow(Page page) {
        this.page = page;
    }

    /** @param transport as the page's query has it */
    static ChatWindow open(Chromium chromium, Wire wire, String room, String nick, String transport) {
        return open(
                chromium.open("about:blank"),
                wire.page("/?room=" + room + "&nick=" + nick + "&transport=" + transport + "&upgrade=1000"));
    }

    /** Opens the chat page in a window that a test has prepared. */
    static ChatWindow open(Page page, String url) {
        page.navigate(url);
        ChatWindow window = new ChatWindow(page);
        window.recordEntries();
        return window;
    }

    /** Keeps what the client hands over from now on, whatever the list shows of it. */
    void recordEntries() {
        page.evaluate("""
            () => {
              window.handed = [];
              window.gaps = 0;
              window.confab.on('entry', entry => entry.type === 'message' && window.handed.push(entry));
              window.confab.on('gap', () => window.gaps++);
            }\
            """);
    }

    void say(String text) {
        page.locator("#message").fill(text);
        page.locator("#message").press("Enter");
    }

    void awaitText(String text) {
        assertThat(texts().filter(new Locator.FilterOptions().setHasText(text))).hasCount(1);
    }

    void awaitLive(String transport) {
        assertThat(page.locator("#connection")).containsText(transport, PATIENT);
        page.waitForFunction("() => window.confab.state === 'open'");
    }

    void use(String transport) {
        page.locator("#transport").selectOption(transport);
    }

    /** The rows that are in the DOM, not those that are on their way. */
    Locator texts() {
        return page.locator("#rows .text");
    }

    List<String> shown() {
        return texts().allTextContents();
    }

    @SuppressWarnings("unchecked")
    List<String> handedBodies() {
        return (List<String>) page.evaluate("() => window.handed.map(entry => entry.body)");
    }

    @SuppressWarnings("unchecked")
    List<String> handedIds() {
        return (List<String>) page.evaluate("() => window.handed.map(entry => entry.id)");
    }

    void awaitHanded(int count) {
        page.waitForFunction(
                "count => window.handed.length >= count", count, new Page.WaitForFunctionOptions().setTimeout(30_000));
    }

    int gaps() {
        return (int) page.evaluate("() => window.gaps");
    }
}
