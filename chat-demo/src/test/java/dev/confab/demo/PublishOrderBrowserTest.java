package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Gate;
import dev.confab.core.Message;
import dev.confab.core.ScriptedStore;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.Routes;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishes a page's messages while the store is unavailable for longer than the time-out of a publish. */
final class PublishOrderBrowserTest {
    private static final int MESSAGES = 30;

    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    /** Publishes a message every 100 ms, and collects the results in {@code window.settled}. */
    private static final String PUBLISH = """
            async ([transport, count]) => {
              const { connect } = await import(location.origin + '/confab.js');
              const chat = connect({ room: 'order', transport });
              window.published = 0;
              window.settled = [];
              chat.on('state', ({ state }) => {
                if (state !== 'open' || window.published > 0) return;
                const timer = setInterval(() => {
                  const body = String(window.published++);
                  chat.publish(body).then(() => window.settled.push(body), error => window.settled.push(error.code));
                  if (window.published === count) clearInterval(timer);
                }, 100);
              });
            }\
            """;

    private final ScriptedStore store = new ScriptedStore();
    private ChatService chat;
    private ChatServer server;

    @BeforeEach
    void start() {
        chat = new ChatService(
                store, ChatConfig.defaults().withTimeouts(Duration.ofMillis(800), Duration.ofSeconds(10)));
        List<Endpoint> endpoints = new ArrayList<>(PageHandler.all());
        endpoints.add(new PublishHandler(chat));
        endpoints.add(new LongPollHandler(chat, LongPollConfig.defaults()));
        endpoints.add(new SseHandler(chat, SseConfig.defaults()));
        endpoints.add(new WebSocketHandler(chat, WebSocketConfig.defaults()));
        server = ChatServer.start(
                ChatServerConfig.defaults().withAddress("127.0.0.1", 0), Routes.of(endpoints.toArray(Endpoint[]::new)));
    }

    @AfterEach
    void stop() {
        server.close();
        chat.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void laterMessagesWaitUntilTheEarlierOnesAreSettled(String transport) {
        CHROMIUM.expect(complaint -> complaint.contains("status of 503") || complaint.contains("status of 404"));
        Page page = CHROMIUM.open("http://127.0.0.1:" + server.port() + "/?room=elsewhere");
        page.waitForFunction("() => window.confab?.state === 'open'");
        Gate away = store.holdAppends();

        page.evaluate(PUBLISH, List.of(transport, MESSAGES));
        page.waitForFunction("count => window.published === count", MESSAGES);
        away.open();

        page.waitForFunction(
                "count => window.settled.length === count",
                MESSAGES,
                new Page.WaitForFunctionOptions().setTimeout(30_000));
        List<String> sent =
                IntStream.range(0, MESSAGES).mapToObj(String::valueOf).toList();
        assertThat(store.log().entries().stream()
                        .filter(entry -> entry.room().name().equals("order"))
                        .map(Message::body))
                .isEqualTo(sent);
        assertThat(page.evaluate("() => window.settled")).isEqualTo(sent);
    }
}
