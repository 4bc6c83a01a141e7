package dev.confab.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests the page that polls {@code /sub} and posts to {@code /pub}. */
final class PubSubBrowserTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    private final Node node = Node.start(NodeConfig.inMemory());
    private final DirectClient direct = new DirectClient(node.port());

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void twoWindowsChat() {
        Page ann = open();
        Page ben = open();
        say(ann, "Ann", "Hello");
        for (Page window : List.of(ann, ben)) {
            assertThat(lines(window)).hasText(new String[] {"Ann: Hello"});
        }
        say(ben, "Ben", "Hi Ann, ü 😀");
        say(ben, "", "from nobody");
        for (Page window : List.of(ann, ben)) {
            assertThat(lines(window))
                    .hasText(new String[] {"Ann: Hello", "Ben: Hi Ann, ü 😀", "<unknown>: from nobody"});
        }
        assertThat(direct.bodies("lobby")).containsExactly("Hello", "Hi Ann, ü 😀", "from nobody");
    }

    @Test
    void aWindowShowsEveryMessageOnceAndInOrderWhileItPublishes() {
        Page ann = open();
        String[] expected = IntStream.range(0, 30)
                .mapToObj(i -> (i % 2 == 0 ? "bot: b" : "Ann: a") + i)
                .toArray(String[]::new);
        for (int i = 0; i < 30; i++) {
            if (i % 2 == 0) {
                direct.say("lobby", "bot", "b" + i);
            } else {
                say(ann, "Ann", "a" + i);
                // The next message is sent after this one is stored, so the order is known.
                assertThat(lines(ann)).hasCount(i + 1);
            }
        }
        assertThat(lines(ann)).hasText(expected);
    }

    @Test
    void messagesAreStoredInTheOrderInWhichTheyWereWritten() {
        Page ann = open();
        List<Route> held = new ArrayList<>();
        ann.route("**/pub", held::add);
        say(ann, "Ann", "first");
        ann.waitForCondition(() -> held.size() == 1);
        ann.unroute("**/pub");
        say(ann, "Ann", "second");
        // When the page has this later response, it has had the time to send the second message.
        ann.evaluate("() => fetch('messages?wait=0').then(response => response.text())");
        held.get(0).resume();
        assertThat(lines(ann)).hasText(new String[] {"Ann: first", "Ann: second"});
        assertThat(direct.bodies("lobby")).containsExactly("first", "second");
    }

    @Test
    void markupIsShownAsText() {
        Page window = open();
        String markup = "<img src=x onerror=alert(1)><b>bold</b>";
        say(window, "<i>Ann</i>", markup);
        assertThat(lines(window)).hasText(new String[] {"<i>Ann</i>: " + markup});
        assertThat(window.locator("#conversation :not(p):not(span)")).hasCount(0);
    }

    @Test
    void aRefusedMessageIsExplained() {
        CHROMIUM.expect(complaint -> complaint.contains("status of 413"));
        Page window = open();
        say(window, "Ann", "x".repeat(10_001));
        assertThat(window.locator("#state")).containsText("message: 10001 bytes");
    }

    @Test
    void thePageWaitsOneSecondAfterAnErrorAndThenPollsAgain() {
        CHROMIUM.expect(complaint -> complaint.contains("ERR_FAILED"));
        Page window = CHROMIUM.open("about:blank");
        // From now on, the time of the page moves only when the test moves it.
        window.clock().install(new Clock.InstallOptions().setTime(0));
        window.clock().pauseAt(1_000);
        List<String> polls = new CopyOnWriteArrayList<>();
        window.route("**/sub*", route -> {
            polls.add(route.request().url());
            if (polls.size() == 1) {
                route.abort();
            } else {
                fromTheBeginning(route);
            }
        });
        window.navigate(direct.page("/pubsub"));
        assertThat(window.locator("#state")).hasText("Trying again");
        direct.say("lobby", "bot", "first");
        window.clock().runFor(999);
        assertThat(polls).hasSize(1);
        window.clock().runFor(1);
        assertThat(lines(window)).hasText(new String[] {"bot: first"});
        assertThat(polls).hasSize(2);
    }

    /** Opens the page. Its first poll begins with the first message, so that it is not important when it arrives. */
    private Page open() {
        Page page = CHROMIUM.open("about:blank");
        page.route("**/sub*", PubSubBrowserTest::fromTheBeginning);
        page.navigate(direct.page("/pubsub"));
        return page;
    }

    private static void fromTheBeginning(Route route) {
        String url = route.request().url();
        route.resume(new Route.ResumeOptions().setUrl(url.endsWith("after=") ? url + "earliest" : url));
    }

    private static void say(Page page, String nick, String message) {
        page.locator("#nick").fill(nick);
        page.locator("#message").fill(message);
        page.locator("#send").click();
    }

    private static Locator lines(Page page) {
        return page.locator("#conversation p");
    }
}
