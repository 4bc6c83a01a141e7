package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests confab.js as an application's own page uses it, over every transport. */
final class ConfabBrowserTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    private final Node node = Node.start(NodeConfig.inMemory());
    private final DirectClient direct = new DirectClient(node.port());
    private Page page;

    @BeforeEach
    void open() {
        page = CHROMIUM.open(direct.page("/?room=elsewhere"));
        page.waitForFunction("() => window.confab?.state === 'open'");
        page.evaluate("""
            async () => {
              const { connect } = await import(location.origin + '/confab.js');
              window.open = options => {
                const chat = connect(options);
                chat.seen = [];
                chat.on('state', ({ state, error }) => chat.seen.push(error ? `${state} ${error.code}` : state));
                chat.on('gap', gap => chat.seen.push(`gap ${gap.reason}`));
                const until = name => chat.state === name ? Promise.resolve() : new Promise(done =>
                  chat.on('state', ({ state }) => state === name && done()));
                return { chat, until };
              };
            }\
            """);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void theAuthorIsTheSameOverEveryTransport(String transport) {
        page.evaluate("""
            async transport => {
              const { chat, until } = window.open({ transport, nick: 'ann' });
              await until('open');
              await chat.publish('1', { nick: 'bot' });
              await chat.publish('2', { nick: '' });
              await chat.publish('3');
              chat.close();
            }\
            """, transport);
        assertThat(direct.messages("lobby"))
                .extracting(message -> message.get("nick").getAsString())
                .containsExactly("bot", "ann", "ann");
    }

    @Test
    void aRepeatedKeyOverAnotherTransportIsTheSameMessage() {
        Object ids = page.evaluate("""
            async () => {
              const ids = new Set();
              for (const transport of ['websocket', 'sse', 'longpoll']) {
                const { chat, until } = window.open({ transport, nick: 'ann' });
                await until('open');
                ids.add((await chat.publish('hi', { nick: 'bot', key: 'k' })).id);
                chat.close();
              }
              return ids.size;
            }\
            """);
        assertThat(ids).isEqualTo(1);
    }

    /** Each call waits for an event, so a missing event makes the test time out. */
    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void aBodyThatIsNotAValidTextIsRefused(String transport) {
        CHROMIUM.expect(complaint -> complaint.contains("status of 4"));
        Object codes = page.evaluate("""
            async transport => {
              const { chat, until } = window.open({ transport });
              await until('open');
              const code = body => chat.publish(body, { timeout: 10_000 }).then(() => 'stored', error => error.code);
              const codes = [await code(42), await code(''), await code('x'.repeat(70_000)), await code('good')];
              chat.close();
              return codes;
            }\
            """, transport);
        boolean isSocket = transport.equals("websocket");
        assertThat(codes)
                .isEqualTo(List.of(
                        isSocket ? "invalid_frame" : "invalid_body",
                        "invalid_body",
                        isSocket ? "message_too_large" : "content_too_large",
                        "stored"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "sse", "longpoll"})
    void aCursorOfAnotherLogIsAGapAndTheStateIsOpen(String transport) {
        Object seen = page.evaluate("""
            async transport => {
              const { chat, until } = window.open({ transport, after: '7ZZZZZZZZZZZZZZZZZZZZZZZZZ' });
              const gap = new Promise(done => chat.on('gap', done));
              await Promise.all([until('open'), gap]);
              const { state } = chat;
              chat.close();
              return [...chat.seen.slice(0, 3), state];
            }\
            """, transport);
        assertThat(seen).isEqualTo(List.of("connecting", "open", "gap replaced", "open"));
    }

    @Test
    void presenceCoversAllRooms() {
        Object there = page.evaluate("""
            async () => {
              const reader = window.open({ room: ['b', 'a'], after: 'earliest' });
              let joins = 0;
              const all = new Promise(done => reader.chat.on('entry', () => ++joins === 2 && done()));
              const { chat } = window.open({ room: ['b', 'a'], nick: 'ann' });
              await all;
              const there = await chat.presence();
              chat.close();
              reader.chat.close();
              return there;
            }\
            """);
        List<Map<String, String>> ann = List.of(Map.of("nick", "ann"));
        assertThat(there)
                .isEqualTo(List.of(Map.of("room", "a", "participants", ann), Map.of("room", "b", "participants", ann)));
    }

    @Test
    void anAlreadyAbortedSignalClosesTheClient() {
        Object seen = page.evaluate("""
            async () => {
              const { chat, until } = window.open({ signal: AbortSignal.abort() });
              await until('closed');
              return chat.seen;
            }\
            """);
        assertThat(seen).isEqualTo(List.of("closed"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "websocket", "sse", "longpoll"})
    void aNickThatIsTooLongEndsTheConnection(String transport) {
        CHROMIUM.expect(complaint -> complaint.contains("WebSocket connection") || complaint.contains("status of 400"));
        Object seen = page.evaluate("""
            async transport => {
              const { chat, until } = window.open({ transport, nick: 'x'.repeat(65) });
              await until('closed');
              return chat.seen.at(-1);
            }\
            """, transport);
        assertThat(seen).isEqualTo("closed invalid_nick");
    }
}
