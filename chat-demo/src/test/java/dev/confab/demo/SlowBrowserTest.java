package dev.confab.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.WebSocketRoute;
import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forces upon the chat page the orders of events that otherwise occur only with a busy machine or a slow network. */
final class SlowBrowserTest {
    private static final Pattern SOCKET = Pattern.compile(".*/ws\\?.*");
    private static final Pattern HISTORY = Pattern.compile(".*/messages\\?.*before=.*");
    private static final Pattern PRESENCE = Pattern.compile(".*/presence\\?.*");

    /** Delays every timer of the page, so that none fires during a test. */
    private static final String TIMERS_ARE_LATE =
            "const later = setTimeout; window.setTimeout = (task, ms = 0) => later(task, ms + 600000);";
    /** Makes every timer of less than a second fire immediately. */
    private static final String TIMERS_ARE_EARLY =
            "const later = setTimeout; window.setTimeout = (task, ms = 0) => later(task, ms < 1000 ? 0 : ms);";

    /** Delays every timer of a second or more, so that no attempt to connect ends before the test continues it. */
    private static final String LONG_TIMERS_ARE_LATE =
            "const later = setTimeout; window.setTimeout = (task, ms = 0) => later(task, ms < 1000 ? ms : ms + 600000);";

    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    private static Node node;
    private static DirectClient direct;

    private final String room = "r" + UUID.randomUUID().toString().substring(0, 8);
    private final String address = direct.page("/?transport=websocket&nick=Ann&room=" + room);

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
    void aMessageThatWasShownIsReadBeforeAnyTimerFires() {
        Page page = CHROMIUM.open("about:blank");
        page.addInitScript(TIMERS_ARE_LATE);
        ChatWindow ann = ChatWindow.open(page, address);
        ann.awaitLive("WebSocket");
        direct.say(room, "Ben", "read before");
        ann.awaitText("read before");
        page.navigate("about:blank");
        direct.say(room, "Ben", "said meanwhile");
        page.navigate(address);
        ann.awaitText("said meanwhile");
        assertThat(page.locator("li:has(.unread-line)")).containsText("said meanwhile");
    }

    @Test
    void theFirstMessageOfARoomThatWasEmptyIsBelowTheUnreadLine() {
        ChatWindow ann = ChatWindow.open(CHROMIUM.open("about:blank"), address);
        assertThat(ann.page.locator("#empty")).containsText("is quiet");
        // The next drawing stores how far the room was read, if the page has the focus by then.
        ann.page.waitForFunction("room => localStorage.getItem('confab:read:' + room) !== null", room);
        ann.page.navigate("about:blank");
        direct.say(room, "Ben", "said meanwhile");
        ann.page.navigate(address);
        assertThat(ann.page.locator("li:has(.unread-line)")).containsText("said meanwhile");
    }

    /** The entries after the greeting and the pages of history are late: old messages must still count as old. */
    @Test
    void oldMessagesCountAsOldHoweverLateTheyArrive() {
        Page page = CHROMIUM.open("about:blank");
        ChatWindow ann = ChatWindow.open(page, address);
        direct.say(room, "Ben", "read before");
        ann.awaitText("read before");
        page.navigate("about:blank");
        direct.say(room, "Ben", "said meanwhile");

        page.addInitScript(TIMERS_ARE_EARLY);
        List<Runnable> held = new ArrayList<>();
        page.routeWebSocket(SOCKET, socket -> {
            WebSocketRoute server = socket.connectToServer();
            server.onMessage(frame -> {
                if (frame.text().contains("\"hello\"")) {
                    socket.send(frame.text());
                } else {
                    held.add(() -> socket.send(frame.text()));
                }
            });
        });
        page.route(HISTORY, route -> held.add(route::resume));
        page.navigate(address);
        page.waitForFunction("() => window.confab?.state === 'open'");
        page.evaluate("() => new Promise(done => setTimeout(done))");
        page.waitForCondition(() -> !held.isEmpty());
        page.unroute(HISTORY);
        held.forEach(Runnable::run);
        ann.awaitText("said meanwhile");
        assertThat(page.locator("li:has(.unread-line)")).containsText("said meanwhile");
        assertThat(page.locator("#announcer")).isEmpty();
    }

    @Test
    void aMessageDirectlyAfterTheGreetingIsAnnounced() {
        Page page = CHROMIUM.open("about:blank");
        page.routeWebSocket(SOCKET, socket -> {
            List<String> held = new ArrayList<>();
            WebSocketRoute server = socket.connectToServer();
            server.onMessage(frame -> {
                held.add(frame.text());
                if (frame.text().contains("\"hello\"")) {
                    direct.say(room, "Ben", "at once");
                } else {
                    held.forEach(socket::send);
                    held.clear();
                }
            });
        });
        page.navigate(address);
        assertThat(page.locator("#announcer")).hasText("Ben: at once");
        assertThat(page.locator("#rows .text")).hasText("at once");
    }

    @Test
    void aMessageWrittenBeforeTheConnectionOpensIsAnnounced() {
        Page page = CHROMIUM.open("about:blank");
        page.addInitScript(LONG_TIMERS_ARE_LATE);
        List<WebSocketRoute> sockets = new ArrayList<>();
        page.routeWebSocket(SOCKET, sockets::add);
        ChatWindow ann = ChatWindow.open(page, address);
        ann.say("early");
        page.waitForCondition(() -> !sockets.isEmpty());
        sockets.get(0).connectToServer();
        assertThat(page.locator("#announcer")).hasText("Ann: early");
        assertThat(page.locator("#rows .text")).hasText("early");
        assertThat(page.locator("#outbox li")).hasCount(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "websocket"})
    void aMessageWrittenWithANameThatIsChosenBeforeTheConnectionOpensIsAnnounced(String transport) {
        Page page = CHROMIUM.open("about:blank");
        page.addInitScript(LONG_TIMERS_ARE_LATE);
        List<WebSocketRoute> sockets = new ArrayList<>();
        page.routeWebSocket(SOCKET, sockets::add);
        page.navigate(direct.page("/?transport=" + transport + "&room=" + room));
        page.waitForCondition(() -> sockets.size() == 1);
        page.fill("#nick", "Ann");
        page.press("#nick", "Enter");
        page.fill("#message", "early");
        page.press("#message", "Enter");
        page.waitForCondition(() -> sockets.size() == 2);
        sockets.get(1).connectToServer();
        assertThat(page.locator("#announcer")).hasText("Ann: early");
        assertThat(page.locator("#rows .text")).hasText("early");
        assertThat(page.locator("#outbox li")).hasCount(0);
    }

    @Test
    void anOldPresenceResponseDoesNotRemoveALaterParticipant() {
        Page page = CHROMIUM.open("about:blank");
        List<Runnable> held = new ArrayList<>();
        page.route(PRESENCE, route -> held.add(answered(route)));
        ChatWindow ann = ChatWindow.open(page, address);
        page.waitForCondition(() -> !held.isEmpty());
        WsClient ben = new WsClient(new RawHttp(node.port())).greet("?nick=Ben&room=" + room);
        try {
            assertThat(ann.page.locator("#rows")).containsText("Ben joined");
            page.waitForResponse(PRESENCE, () -> held.forEach(Runnable::run));
            // When the page has received this later response, it has processed the old presence response.
            page.evaluate("() => window.confab.history({ limit: 1 })");
            assertThat(page.locator("#people-list li")).hasCount(2);
        } finally {
            ben.close();
        }
    }

    /** Fetches the server's current response, and returns the task that delivers it to the page later. */
    private static Runnable answered(Route route) {
        APIResponse response = route.fetch();
        return () -> route.fulfill(new Route.FulfillOptions().setResponse(response));
    }

    @Test
    void newMessagesAreShownWhileTheHistoryCannotBeLoaded() {
        CHROMIUM.expect(complaint -> complaint.contains("net::ERR_"));
        direct.say(room, "Ben", "old");
        Page page = CHROMIUM.open("about:blank");
        page.route(HISTORY, Route::abort);
        ChatWindow ann = ChatWindow.open(page, address);
        assertThat(page.locator("#older")).containsText("Earlier messages could not be loaded");
        direct.say(room, "Ben", "new");
        ann.awaitText("new");
        page.unroute(HISTORY);
        page.locator("#older button").click();
        ann.awaitText("old");
        assertThat(ann.shown()).containsExactly("old", "new");
        assertThat(page.locator("#older")).hasText("This is the beginning of #" + room);
    }

    @Test
    void choosingANameWhileTheHistoryLoadsLosesNoMessage() {
        direct.say(room, "Ben", "old");
        Page page = CHROMIUM.open("about:blank");
        List<Route> held = new ArrayList<>();
        page.route(HISTORY, held::add);
        ChatWindow ann = ChatWindow.open(page, direct.page("/?transport=websocket&room=" + room));
        page.waitForCondition(() -> !held.isEmpty());
        direct.say(room, "Ben", "new");
        page.waitForFunction("() => window.handed.length === 1");
        page.unroute(HISTORY);
        page.locator("#nick").fill("Ann");
        page.locator("#nick").press("Enter");
        ann.awaitText("old");
        ann.awaitText("new");
        assertThat(ann.shown()).containsExactly("old", "new");
        assertThat(page.locator("#announcer")).hasText("Ben: new");
    }
}
