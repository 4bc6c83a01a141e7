package dev.confab.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.util.List;

/** Operates the chat page as a user does, and records the entries that its client delivers. Not thread-safe. */
final class ChatWindow {
    private static final LocatorAssertions.ContainsTextOptions PATIENT =
            new LocatorAssertions.ContainsTextOptions().setTimeout(30_000);
    final Page page;

    private ChatWindow(Page page) {
        this.page = page;
    }

    /** @param transport the value of the query parameter {@code transport} of the page */
    static ChatWindow open(Chromium chromium, DirectClient direct, String room, String nick, String transport) {
        return open(
                chromium.open("about:blank"),
                direct.page("/?room=" + room + "&nick=" + nick + "&transport=" + transport + "&upgrade=1000"));
    }

    /** Opens the chat page in a window that a test has prepared. */
    static ChatWindow open(Page page, String url) {
        page.navigate(url);
        ChatWindow window = new ChatWindow(page);
        window.recordEntries();
        return window;
    }

    /** Records the messages and gaps that the client delivers from now on, whether or not the list shows them. */
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

    /** Returns the message rows that are in the DOM, without the messages that are still being sent. */
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
