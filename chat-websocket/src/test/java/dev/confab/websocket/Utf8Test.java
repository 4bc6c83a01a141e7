package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Utf8Test {
    @Test
    void theCheckAgreesWithTheJdkOnAllFirstPairsOfBytes() {
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                agree((byte) first, (byte) second);
                agree((byte) first, (byte) second, (byte) 0x80);
                agree((byte) first, (byte) second, (byte) 0x80, (byte) 0xBF);
            }
        }
    }

    @Test
    void theCheckAgreesWithTheJdkOnRandomTextAndOnTextWithOneByteChanged() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            String text = new StringBuilder()
                    .append("x".repeat(random.nextInt(12)))
                    .appendCodePoint(random.nextInt(0xD800))
                    .append("y".repeat(random.nextInt(20)))
                    .appendCodePoint(0x10000 + random.nextInt(0x100000))
                    .append("z".repeat(random.nextInt(9)))
                    .toString();
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            agree(bytes);
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            agree(bytes);
        }
    }

    @Test
    void theCheckFailsAtTheFirstWrongByte() {
        assertThat(check((byte) 0xED, (byte) 0xA0)).isEqualTo(Utf8.BROKEN);
        assertThat(check((byte) 0xC0)).isEqualTo(Utf8.BROKEN);
        assertThat(check((byte) 0xF4, (byte) 0x90)).isEqualTo(Utf8.BROKEN);
        assertThat(check((byte) 0xF0, (byte) 0x9F)).isNotIn(Utf8.BROKEN, Utf8.BOUNDARY);
    }

    /** Checks the bytes in one piece, and cut in two at every place, against the decoder of the JDK. */
    private static void agree(byte... bytes) {
        boolean expected = isUtf8(bytes);
        for (int cut = 0; cut <= bytes.length; cut++) {
            ByteBuf whole = Unpooled.wrappedBuffer(bytes);
            int state = Utf8.check(Utf8.BOUNDARY, whole.slice(0, cut));
            if (state != Utf8.BROKEN) {
                state = Utf8.check(state, whole.slice(cut, bytes.length - cut));
            }
            // Compared here first, because a description for each of a million checks takes longer than the checks.
            if ((state == Utf8.BOUNDARY) != expected) {
                fail("%s is UTF-8: %s; cut at %d: %s", HexFormat.of().formatHex(bytes), expected, cut, !expected);
            }
        }
    }

    private static int check(byte... bytes) {
        return Utf8.check(Utf8.BOUNDARY, Unpooled.wrappedBuffer(bytes));
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
