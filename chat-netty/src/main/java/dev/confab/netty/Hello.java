package dev.confab.netty;

import dev.confab.core.MessageId;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The first thing that a stream sends, the same over every transport that streams. Safe for any thread.
 *
 * @param session a random name of the connection, without characters that JSON escapes
 * @param cursor where reading starts
 */
public record Hello(String session, MessageId cursor) {
    /** Greets a new connection that reads from {@code cursor} on. */
    public static Hello at(MessageId cursor) {
        return new Hello(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()), cursor);
    }

    /** Returns {@code {"type":"hello","session":…,"cursor":…}}. */
    public byte[] json() {
        String text = "{\"type\":\"hello\",\"session\":\"" + session + "\",\"cursor\":\"" + cursor + "\"}";
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
