package dev.confab.netty;

import dev.confab.core.IdFormat;
import dev.confab.core.MessageId;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The first notice of a stream, the same for every transport that streams. Safe for any thread.
 *
 * @param session the random name of the connection in {@link Sessions}, 16 hexadecimal digits
 * @param cursor the cursor at which reading starts
 * @param ids the form of the cursor
 */
public record Hello(String session, MessageId cursor, IdFormat ids) {
    /** Returns the notice for a new connection that starts to read at {@code cursor}. */
    public static Hello at(MessageId cursor, IdFormat ids) {
        return new Hello(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()), cursor, ids);
    }

    /** Returns {@code {"type":"hello","session":…,"cursor":…}}. */
    public byte[] json() {
        String text = "{\"type\":\"hello\",\"session\":\"" + session + "\",\"cursor\":\"" + ids.format(cursor) + "\"}";
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
