package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import com.microsoft.playwright.Page;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Cuts event streams before their first message: the messages published while the client is away must arrive. */
@Timeout(60)
final class CutBeforeFirstMessageTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    @TempDir
    Path folder;

    private Node node;
    private DirectClient direct;

    @BeforeEach
    void start() {
        start(0);
    }

    private void start(int port) {
        node = Node.start(
                NodeConfig.inMemory().withPort(port).withDatabaseUrl("jdbc:h2:file:" + folder.resolve("chat")));
        direct = new DirectClient(node.port());
    }

    /** Replaces the server by another one, and publishes two messages before a client can reconnect. */
    private void cutAndPublishTwo() {
        int port = node.port();
        node.close();
        start(port);
        direct.say("lobby", "ann", "one");
        direct.say("lobby", "ann", "two");
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void okHttpMissesNothing() throws Exception {
        EventSource.Builder builder = new EventSource.Builder(URI.create(direct.page("/events")))
                .errorStrategy(ErrorStrategy.alwaysContinue());
        try (EventSource source = builder.build()) {
            assertThat(source.readMessage().getEventName()).isEqualTo("hello");
            cutAndPublishTwo();
            List<String> messages = new ArrayList<>();
            while (messages.size() < 2) {
                MessageEvent event = source.readMessage();
                if (event.getEventName().equals("message")) {
                    messages.add(event.getData());
                }
            }
            assertThat(messages.get(0)).contains("\"body\":\"one\"");
            assertThat(messages.get(1)).contains("\"body\":\"two\"");
        }
    }

    @Test
    void chromiumsEventSourceMissesNothing() {
        CHROMIUM.expect(complaint -> complaint.contains("net::ERR_") || complaint.contains("WebSocket connection"));
        Page page = CHROMIUM.open(direct.page("/?room=elsewhere"));
        page.evaluate("""
            () => new Promise(greeted => {
              window.got = [];
              const source = new EventSource('/events');
              source.addEventListener('hello', event => greeted(event.lastEventId));
              source.onmessage = event => window.got.push(JSON.parse(event.data).body);
            })\
            """);
        cutAndPublishTwo();
        page.waitForFunction(
                "() => window.got.length === 2", null, new Page.WaitForFunctionOptions().setTimeout(30_000));
        assertThat(page.evaluate("() => window.got")).isEqualTo(List.of("one", "two"));
    }
}
