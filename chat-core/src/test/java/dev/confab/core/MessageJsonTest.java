package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The JSON bytes that clients get on every transport. */
class MessageJsonTest {
    private static final MessageId ID =
            MessageId.of(Instant.parse("2026-11-21T19:30:00.123Z").toEpochMilli(), 0xABCD, 0x0123456789ABCDEFL);
    private static final MessageId WHOLE_SECOND =
            MessageId.of(Instant.parse("2026-11-21T19:30:00Z").toEpochMilli(), 0, 0);

    @Test
    void aMessageIsWrittenAsJson() {
        assertJson(
                new Message(Message.Type.MESSAGE, ID, Room.LOBBY, new Nick("ann"), "hello"),
                "{\"type\":\"message\",\"id\":\"01M7ZSCGSVNF6G28T5CY4TQKFF\",\"room\":\"lobby\",\"nick\":\"ann\","
                        + "\"body\":\"hello\",\"created_at\":\"2026-11-21T19:30:00.123Z\"}");
    }

    @Test
    void anAnonymousMessageHasNoNickAndTheTimeAlwaysHasMilliseconds() {
        assertJson(
                new Message(Message.Type.MESSAGE, WHOLE_SECOND, Room.LOBBY, null, "x"),
                "{\"type\":\"message\",\"id\":\"01M7ZSCGP00000000000000000\",\"room\":\"lobby\","
                        + "\"body\":\"x\",\"created_at\":\"2026-11-21T19:30:00.000Z\"}");
    }

    @Test
    void aJoinAndALeaveHaveNoBody() {
        assertJson(
                new Message(Message.Type.JOIN, WHOLE_SECOND, Room.LOBBY, new Nick("ann"), ""),
                "{\"type\":\"join\",\"id\":\"01M7ZSCGP00000000000000000\",\"room\":\"lobby\",\"nick\":\"ann\","
                        + "\"created_at\":\"2026-11-21T19:30:00.000Z\"}");
        assertJson(
                new Message(Message.Type.LEAVE, WHOLE_SECOND, Room.LOBBY, new Nick("ann"), ""),
                "{\"type\":\"leave\",\"id\":\"01M7ZSCGP00000000000000000\",\"room\":\"lobby\",\"nick\":\"ann\","
                        + "\"created_at\":\"2026-11-21T19:30:00.000Z\"}");
    }

    @Test
    void aGapIsWrittenAsJson() {
        assertThat(new Gap(Gap.Cause.TRIMMED, WHOLE_SECOND).json())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("{\"type\":\"gap\",\"reason\":\"trimmed\",\"id\":\"01M7ZSCGP00000000000000000\"}");
        assertThat(new Gap(Gap.Cause.REPLACED, WHOLE_SECOND).json())
                .asString(StandardCharsets.UTF_8)
                .contains("\"reason\":\"replaced\"");
    }

    /** The Java text is on the left, the JSON string on the right. SSE relies on JSON without line breaks. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "say \"hi\" | say \\\"hi\\\"",
                "back\\slash | back\\\\slash",
                "</script> | </script>",
                "grüße, 世界 | grüße, 世界",
                "𝄞 😀 | 𝄞 😀",
            })
    void textIsEscapedNoMoreThanNeeded(String text, String json) {
        assertThat(bodyOf(text)).isEqualTo(json);
    }

    @Test
    void controlCharactersAreEscaped() {
        assertThat(bodyOf("a\nb\rc\td\be\f")).isEqualTo("a\\nb\\rc\\td\\be\\f");
        assertThat(bodyOf("\u0001\u001F")).isEqualTo("\\u0001\\u001F");
        assertThat(bodyOf("\u007F\u2028\u2029")).isEqualTo("\u007F\u2028\u2029");
    }

    @Test
    void theLongestBodyIsNotTruncated() {
        String body = "é".repeat(Draft.MAX_BODY_BYTES / 2);
        assertThat(bodyOf(body)).isEqualTo(body);
    }

    private static String bodyOf(String text) {
        String json = json(new Message(Message.Type.MESSAGE, ID, Room.LOBBY, null, text));
        String before = "\"room\":\"lobby\",\"body\":\"";
        return json.substring(json.indexOf(before) + before.length(), json.indexOf("\",\"created_at\""));
    }

    private static void assertJson(Message message, String json) {
        assertThat(json(message)).isEqualTo(json);
    }

    private static String json(Message message) {
        return new String(Entry.of(message).json(), StandardCharsets.UTF_8);
    }
}
