package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameEncoderTest {
    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;
    private static final MessageId ID = MessageId.parse("01ARZ3NDEKTSV4RRFFQ69G5FAV");

    @Test
    void eachEntryIsOneTextFrame() {
        Entry join = entry(Message.Type.JOIN, "");
        Entry message = entry(Message.Type.MESSAGE, "hello");
        ByteBuf out = new FrameEncoder().encode(new Batch(MessageId.MIN, ID, List.of(join, message)), ALLOCATOR);
        assertThat(latin1(out))
                .isEqualTo(
                        "\u0081\u0075" // final text, 117 bytes, no mask
                                + "{\"type\":\"join\",\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"room\":\"lobby\",\"nick\":\"ann\","
                                + "\"created_at\":\"2016-07-30T23:54:10.259Z\"}"
                                + "\u0081\u007E\u0000\u0087" // final text, 135 bytes in two more
                                + "{\"type\":\"message\",\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"room\":\"lobby\",\"nick\":\"ann\","
                                + "\"body\":\"hello\",\"created_at\":\"2016-07-30T23:54:10.259Z\"}");
    }

    @Test
    void theBufferHasTheExactSize() {
        Entry message = entry(Message.Type.MESSAGE, "x".repeat(10_000));
        ByteBuf out = new FrameEncoder().encode(new Batch(MessageId.MIN, ID, List.of(message, message)), ALLOCATOR);
        assertThat(out.capacity()).isEqualTo(out.readableBytes());
        assertThat(out.isDirect()).isTrue();
        out.release();
    }

    @Test
    void lengthsAreEncodedInTheirShortestForm() {
        assertThat(head(0)).isEqualTo("8200");
        assertThat(head(125)).isEqualTo("827d");
        assertThat(head(126)).isEqualTo("827e007e");
        assertThat(head(65_535)).isEqualTo("827effff");
        assertThat(head(65_536)).isEqualTo("827f0000000000010000");
    }

    @Test
    void aCloseFrameHasACodeAndAPhrase() {
        assertThat(latin1(Frames.close(ALLOCATOR, CloseCode.SILENT)))
                .isEqualTo("\u0088\u000F\u0011\u0038nothing heard");
        assertThat(latin1(Frames.closeEcho(ALLOCATOR, 1000))).isEqualTo("\u0088\u0002\u0003\u00E8");
        assertThat(latin1(Frames.closeEcho(ALLOCATOR, null))).isEqualTo("\u0088\u0000");
    }

    @Test
    void everyClosePhraseFitsIntoAControlFrame() {
        for (CloseCode code : CloseCode.values()) {
            assertThat(code.phrase()).as("%s", code).isASCII().hasSizeLessThanOrEqualTo(123);
        }
    }

    @Test
    void aPingIsEmptyAndAPongRepeatsThePayload() {
        assertThat(latin1(Frames.ping(ALLOCATOR))).isEqualTo("\u0089\u0000");
        ByteBuf payload = Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII);
        assertThat(latin1(Frames.pong(ALLOCATOR, payload))).isEqualTo("\u008A\u0003abc");
        payload.release();
    }

    private static String head(int length) {
        ByteBuf payload = ALLOCATOR.buffer().writeZero(length);
        ByteBuf frame = Frames.message(ALLOCATOR, false, payload);
        String head = ByteBufUtil.hexDump(frame, 0, frame.readableBytes() - length);
        payload.release();
        frame.release();
        return head;
    }

    private static Entry entry(Message.Type type, String body) {
        return Entry.of(new Message(type, ID, Room.LOBBY, new Nick("ann"), body));
    }

    private static String latin1(ByteBuf out) {
        String text = out.toString(StandardCharsets.ISO_8859_1);
        out.release();
        return text;
    }
}
