package dev.confab.longpoll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Batch;
import dev.confab.core.Draft;
import dev.confab.core.Entry;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PageEncoderTest {
    private static final MessageId START = MessageId.parse("01KAM300000000000000000000");
    private static final MessageId FIRST = MessageId.parse("01KAM300000000000000000001");
    private static final MessageId SECOND = MessageId.parse("01KAM3ZZZZZZZZZZZZZZZZZZZZ");

    @Test
    void aPageIsAResponseWithAnArray() {
        Entry first = entry(FIRST, new Nick("ann"), "grüß \"dich\"");
        Entry second = entry(SECOND, null, "x");
        String response = encode(new Batch(START, SECOND, List.of(first, second)));
        assertThat(response)
                .isEqualTo(String.join(
                        "\r\n",
                        "HTTP/1.1 200 OK",
                        "content-type: application/json",
                        "chat-cursor: 01KAM3ZZZZZZZZZZZZZZZZZZZZ",
                        response.lines()
                                .filter(line -> line.startsWith("date: "))
                                .findFirst()
                                .orElse("no date"),
                        "cache-control: no-store",
                        "x-content-type-options: nosniff",
                        "content-length: 266",
                        "",
                        "[{\"type\":\"message\",\"id\":\"01KAM300000000000000000001\",\"room\":\"lobby\",\"nick\":\"ann\","
                                + "\"body\":\"grüß \\\"dich\\\"\",\"created_at\":\"2025-11-21T20:51:49.376Z\"},"
                                + "{\"type\":\"message\",\"id\":\"01KAM3ZZZZZZZZZZZZZZZZZZZZ\",\"room\":\"lobby\","
                                + "\"body\":\"x\",\"created_at\":\"2025-11-21T21:09:17.951Z\"}]"));
    }

    @Test
    void theCursorIsTheEndOfTheBatchNotItsLastEntry() {
        assertThat(encode(new Batch(START, SECOND, List.of(entry(FIRST, null, "x")))))
                .contains("\r\nchat-cursor: 01KAM3ZZZZZZZZZZZZZZZZZZZZ\r\n");
    }

    @Test
    void anEmptyBatchIsAnEmptyArray() {
        assertThat(encode(new Batch(START, FIRST, List.of()))).endsWith("\r\ncontent-length: 2\r\n\r\n[]");
    }

    @Test
    void theContentLengthIsTheLengthOfTheBodyInBytes() {
        for (int count = 0; count < 5; count++) {
            List<Entry> entries = new ArrayList<>();
            MessageId id = FIRST;
            for (int i = 0; i < count; i++) {
                entries.add(entry(id, null, "ü€𝄞".repeat(i + 1)));
                id = id.next();
            }
            String response = encode(new Batch(START, id, entries));
            String body = response.substring(response.indexOf("\r\n\r\n") + 4);
            int length = body.getBytes(StandardCharsets.UTF_8).length;
            assertThat(response).contains("\r\ncontent-length: " + length + "\r\n");
            assertThat(PageEncoder.bodyLength(entries)).isEqualTo(length);
        }
    }

    @Test
    void aBatchTooLargeForOneWriteIsNotEncoded() {
        List<Entry> entries = new ArrayList<>();
        MessageId id = FIRST;
        for (int i = 0; i < 7; i++) {
            entries.add(entry(id, null, "x".repeat(10_000)));
            id = id.next();
        }
        assertThat(encode(new Batch(START, id, entries))).isEmpty();
        assertThat(encode(new Batch(START, id, entries.subList(0, 6)))).hasSizeGreaterThan(60_000);
    }

    private static Entry entry(MessageId id, Nick nick, String body) {
        return Entry.of(Message.of(id, Draft.of(Room.LOBBY, nick, body, null)));
    }

    private static String encode(Batch batch) {
        ByteBuf encoded = new PageEncoder().encode(batch, UnpooledByteBufAllocator.DEFAULT);
        try {
            return encoded.toString(StandardCharsets.UTF_8);
        } finally {
            encoded.release();
        }
    }
}
