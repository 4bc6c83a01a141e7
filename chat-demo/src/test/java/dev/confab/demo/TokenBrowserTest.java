package dev.confab.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the pages on a server that wants tokens: they take a token from the fragment of their address. */
final class TokenBrowserTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    private static final byte[] SECRET = "planted secret, planted secret!!".getBytes(UTF_8);

    /** The client waits for several seconds before it takes the next transport. */
    private static final LocatorAssertions.ContainsTextOptions PATIENT =
            new LocatorAssertions.ContainsTextOptions().setTimeout(30_000);

    private Node node;
    private DirectClient direct;

    @BeforeEach
    void start(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(
                directory.resolve("secret"), Base64.getEncoder().encodeToString(SECRET));
        node = Node.start(NodeConfig.inMemory(), Tokens.access(file, null, null));
        direct = new DirectClient(node.port());
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void theChatPageUsesTheTokenAndItsSubjectAsTheName(String transport) {
        Page ben = CHROMIUM.open(direct.page("/?nick=eve&transport=" + transport + fragment("ben")));
        List<String> requested = new CopyOnWriteArrayList<>();
        Page ann = CHROMIUM.open("about:blank");
        ann.onRequest(request -> requested.add(seenByTheServer(request)));
        ChatWindow window = ChatWindow.open(ann, direct.page("/?transport=" + transport + fragment("ann\u00fc")));
        assertThat(ann.locator("#nick")).hasValue("ann\u00fc");
        assertThat(ann.locator("#nick")).not().isEditable();
        assertThat(ben.locator("#nick")).hasValue("ben");
        window.say("hello");
        window.awaitText("hello");
        assertThat(ben.locator("#rows .text").filter(new Locator.FilterOptions().setHasText("hello")))
                .hasCount(1);
        assertThat(ben.locator("#people-list")).containsText("ann\u00fc");
        assertThat(requested).isNotEmpty().noneMatch(url -> url.contains("token="));
    }

    @Test
    void aPageWithoutATokenSaysHowToGiveOneAndTakesOneThatIsPasted() {
        CHROMIUM.expect(complaint -> complaint.contains("401"));
        Page page = CHROMIUM.open(direct.page("/"));
        assertThat(page.locator("#banner"))
                .containsText(
                        "The request has no token. Add a valid token to the address of this page: #token=TOKEN",
                        PATIENT);
        page.evaluate("fragment => { location.hash = fragment; }", fragment("ann"));
        assertThat(page.locator("#nick")).hasValue("ann");
        assertThat(page.locator("#connection")).containsText("WebSocket");
    }

    @Test
    void theTokenStaysWhenTheUserGoesToAnotherRoomOrToTheComparison() {
        Page page = CHROMIUM.open(direct.page("/?transport=sse" + fragment("ann")));
        page.evaluate("() => { location.hash = 'message'; }"); // the link that skips to the message field
        page.locator("#room").fill("other");
        page.locator("#room").press("Enter");
        page.waitForURL("**room=other*");
        assertThat(page.locator("#connection")).containsText("Server-Sent Events");
        page.locator(".compare-link").click();
        page.waitForFunction("() => window.compare?.panes.every(pane => pane.connection?.state === 'open')");
        page.waitForFunction("() => window.compare.totals.stored > 0");
    }

    @Test
    void thePubSubPageUsesTheTokenToo() {
        Page page = CHROMIUM.open("about:blank");
        // The first poll begins with the first message, so it is not important when it arrives.
        page.route(
                "**/sub?after=",
                route -> route.resume(
                        new Route.ResumeOptions().setUrl(route.request().url() + "earliest")));
        page.navigate(direct.page("/pubsub" + fragment("ann")));
        assertThat(page.locator("#nick")).hasValue("ann");
        assertThat(page.locator("#nick")).not().isEditable();
        page.locator("#message").fill("first");
        page.locator("#send").click();
        assertThat(page.locator("#conversation p")).hasText(new String[] {"ann: first"});
    }

    @Test
    void thePubSubPageWithoutATokenSaysHowToGiveOne() {
        CHROMIUM.expect(complaint -> complaint.contains("401"));
        Page page = CHROMIUM.open(direct.page("/pubsub"));
        assertThat(page.locator("#state")).containsText("Add a valid token to the address of this page: #token=TOKEN");
    }

    /** Returns the URL of a request. The browser keeps the fragment of a navigation to itself. */
    private static String seenByTheServer(Request request) {
        return request.url().replaceFirst("#.*", "");
    }

    private static String fragment(String subject) {
        return "#token=" + token(subject, Instant.now().plusSeconds(600));
    }

    private static String token(String subject, Instant expiry) {
        String claims = "{\"sub\":\"" + subject + "\",\"exp\":" + expiry.getEpochSecond()
                + ",\"rooms\":{\"read\":[\"*\"],\"publish\":[\"*\"]}}";
        String signed = part("{\"alg\":\"HS256\"}".getBytes(UTF_8)) + "." + part(claims.getBytes(UTF_8));
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
            return signed + "." + part(mac.doFinal(signed.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String part(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
