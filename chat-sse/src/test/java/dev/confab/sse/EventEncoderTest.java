package dev.confab.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.core.Gap;
import dev.confab.core.IdFormat;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.netty.Hello;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EventEncoderTest {
    private static final PooledByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;
    private static final MessageId FIRST = MessageId.parse("01KAJ9QN2R0000000000000001");
    private static final Hello HELLO = new Hello("9f1c", FIRST, IdFormat.ULID);
    private static final MessageId SECOND = MessageId.parse("01KAJ9QN2R0000000000000002");

    @Test
    void aMessageEventHasTheIdAndTheJson() {
        assertThat(encode(message(FIRST, "ann", "hello")))
                .isEqualTo("ae\r\n"
                        + "id: 01KAJ9QN2R0000000000000001\n"
                        + "data: {\"type\":\"message\",\"id\":\"01KAJ9QN2R0000000000000001\",\"room\":\"lobby\",\"nick\":\"ann\","
                        + "\"body\":\"hello\",\"created_at\":\"" + FIRST.time() + "\"}\n"
                        + "\n\r\n");
    }

    @Test
    void allIdsAreUuidsIfTheClientAsksForThem() {
        Entry entry = Entry.of(message(FIRST, null, "hello")).with(IdFormat.UUID);
        Batch batch = new Batch(MessageId.MIN, FIRST, List.of(entry));
        String data = new String(entry.json(), StandardCharsets.UTF_8);
        assertThat(text(new EventEncoder().encode(batch, ALLOCATOR)))
                .isEqualTo(Integer.toHexString(data.length() + 49) + "\r\nid: " + FIRST.toUuid() + "\ndata: " + data
                        + "\n\n\r\n");
        Gap gap = new Gap(Gap.Cause.REPLACED, FIRST);
        Hello hello = new Hello("9f1c", FIRST, IdFormat.UUID);
        assertThat(text(EventEncoder.opening(2345, hello, null, ALLOCATOR)))
                .contains("id: " + FIRST.toUuid() + "\n", "\"cursor\":\"" + FIRST.toUuid() + "\"")
                .doesNotContain(FIRST.toString());
        assertThat(text(EventEncoder.opening(2345, hello, gap, ALLOCATOR)))
                .contains("id: " + FIRST.toUuid() + "\n", "\"id\":\"" + FIRST.toUuid() + "\"")
                .doesNotContain(FIRST.toString());
        assertThat(text(EventEncoder.gap(gap, IdFormat.UUID, ALLOCATOR)))
                .contains("id: " + FIRST.toUuid() + "\n", "\"id\":\"" + FIRST.toUuid() + "\"")
                .doesNotContain(FIRST.toString());
    }

    @Test
    void joinsAndLeavesHaveAnEventType() {
        Message join = new Message(Message.Type.JOIN, FIRST, Room.LOBBY, new Nick("ann"), "");
        Message leave = new Message(Message.Type.LEAVE, SECOND, Room.LOBBY, new Nick("ann"), "");
        assertThat(blocks(join, leave))
                .containsExactly(
                        "id: " + FIRST + "\nevent: join\ndata: " + json(join),
                        "id: " + SECOND + "\nevent: leave\ndata: " + json(leave));
    }

    @Test
    void aBatchIsOneChunkWithTheRightLength() {
        Message[] many = IntStream.range(0, 300)
                .mapToObj(i ->
                        message(MessageId.floorOf(FIRST.time().plusMillis(i)), i % 2 == 0 ? "bo" : null, "ä€😀" + i))
                .toArray(Message[]::new);
        assertThat(blocks(many)).hasSize(300).last().asString().contains("ä€😀299");
    }

    @Test
    void noFieldInsertsALineBreakOrANul() {
        String evil = "x\n\ndata: forged\r\rid: \u0000\r\nevent: gap\u0000\n\n:";
        assertThat(blocks(message(FIRST, null, evil.replace("\u0000", "\u0001")), message(SECOND, null, "after")))
                .hasSize(2)
                .allSatisfy(block -> assertThat(block.lines()).hasSize(2))
                .allSatisfy(block -> assertThat(block.chars()).noneMatch(c -> c == '\r' || c == 0 || c == 1));
    }

    /** These characters end a line in JavaScript or in Java, but not in an event stream. */
    @Test
    void otherLineSeparatorsAreData() {
        assertThat(blocks(message(FIRST, null, "a\u0085b\u2028c\u2029d\u000Be\fg")))
                .hasSize(1);
    }

    @Test
    void theOpeningIsRetryAndAHelloWithTheStartOfTheStream() {
        assertThat(text(EventEncoder.opening(2345, HELLO, null, ALLOCATOR)))
                .isEqualTo(
                        "88\r\nretry: 2345\n\n"
                                + "id: 01KAJ9QN2R0000000000000001\nevent: hello\n"
                                + "data: {\"type\":\"hello\",\"session\":\"9f1c\",\"cursor\":\"01KAJ9QN2R0000000000000001\"}\n\n\r\n");
    }

    @Test
    void inAnOpeningWithAGapOnlyTheGapHasAnId() {
        Gap gap = new Gap(Gap.Cause.TRIMMED, FIRST);
        assertThat(text(EventEncoder.opening(2345, HELLO, gap, ALLOCATOR)))
                .isEqualTo(
                        "de\r\nretry: 2345\n\n"
                                + "event: hello\n"
                                + "data: {\"type\":\"hello\",\"session\":\"9f1c\",\"cursor\":\"01KAJ9QN2R0000000000000001\"}\n\n"
                                + "id: 01KAJ9QN2R0000000000000001\nevent: gap\n"
                                + "data: {\"type\":\"gap\",\"reason\":\"trimmed\",\"id\":\"01KAJ9QN2R0000000000000001\"}\n\n\r\n");
    }

    @Test
    void aGapIsAnEvent() {
        assertThat(text(EventEncoder.gap(new Gap(Gap.Cause.REPLACED, SECOND), IdFormat.ULID, ALLOCATOR)))
                .isEqualTo(
                        "76\r\nid: 01KAJ9QN2R0000000000000002\nevent: gap\n"
                                + "data: {\"type\":\"gap\",\"reason\":\"replaced\",\"id\":\"01KAJ9QN2R0000000000000002\"}\n\n\r\n");
    }

    @Test
    void aHeartbeatIsAComment() {
        assertThat(EventEncoder.heartbeat().toString(StandardCharsets.US_ASCII)).isEqualTo("3\r\n:\n\n\r\n");
    }

    @Test
    void theFarewellIsRetryAndTheEndOfTheBody() {
        ByteBuf last = EventEncoder.farewell(60_000, ALLOCATOR);
        assertThat(text(EventEncoder.endOfBody(last))).isEqualTo("e\r\nretry: 60000\n\n\r\n0\r\n\r\n");
    }

    @Test
    void anUnwrappedChunkIsItsContent() {
        assertThat(text(EventEncoder.unwrap(EventEncoder.farewell(7, ALLOCATOR))))
                .isEqualTo("retry: 7\n\n");
        assertThat(EventEncoder.unwrap(EventEncoder.heartbeat()).toString(StandardCharsets.US_ASCII))
                .isEqualTo(":\n\n");
    }

    /** Checks the frame of the chunk, and splits the body into blocks like a client. */
    private static List<String> blocks(Message... messages) {
        byte[] chunk = encode(messages).getBytes(StandardCharsets.UTF_8);
        String text = new String(chunk, StandardCharsets.UTF_8);
        int head = text.indexOf("\r\n");
        assertThat(Integer.parseInt(text.substring(0, head), 16)).isEqualTo(chunk.length - head - 4);
        assertThat(text).endsWith("\n\n\r\n");
        return List.of(text.substring(head + 2, text.length() - 4).split("\n\n"));
    }

    private static String encode(Message... messages) {
        List<Entry> entries = List.of(messages).stream().map(Entry::of).toList();
        MessageId last = entries.get(entries.size() - 1).id();
        return text(new EventEncoder().encode(new Batch(MessageId.MIN, last, entries), ALLOCATOR));
    }

    private static Message message(MessageId id, String nick, String body) {
        return new Message(Message.Type.MESSAGE, id, Room.LOBBY, nick == null ? null : new Nick(nick), body);
    }

    private static String json(Message message) {
        return new String(Entry.of(message).json(), StandardCharsets.UTF_8);
    }

    private static String text(ByteBuf bytes) {
        try {
            return bytes.toString(StandardCharsets.UTF_8);
        } finally {
            bytes.release();
        }
    }
}
