package dev.confab.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Records which messages one reader received, whether they came in the order of their ids, and how late they came. For
 * the event loop of the reader's connection; the results are read after the event loop has ended.
 */
final class Inbox {
    private final Tally tally;
    private final int room;
    private final int rooms;
    private final EntryScanner scanner;
    private final BitSet got = new BitSet();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    /** Bytes that may be the start of a message whose other bytes have not arrived yet. */
    private final ByteBuf rest = Unpooled.buffer(0);

    private long now;
    private long doubled;
    private long outOfOrder;
    private volatile boolean isLost;

    /** The last id, as 26 bytes of ASCII. */
    private long id0;

    private long id1;
    private long id2;
    private short id3;

    /**
     * @param room the number of the reader's room, below {@code rooms}
     * @param name the name of the reader's room
     */
    Inbox(Tally tally, int room, int rooms, String name) {
        this.tally = tally;
        this.room = room;
        this.rooms = rooms;
        this.scanner = new EntryScanner(name, this::message);
    }

    /** Called first after each read from the socket. */
    void arrived(int bytes) {
        now = System.nanoTime();
        tally.received(bytes);
    }

    void sent(int bytes) {
        tally.sent(bytes);
    }

    /** Takes a part that contains only complete messages. */
    void takeWhole(ByteBuf in, int from, int to) {
        scanner.scan(in, from, to);
    }

    /** Takes the next {@code length} bytes; a message may continue in the next part. */
    void takePart(ByteBuf in, int length) {
        int end = in.readerIndex() + length;
        if (rest.isReadable()) {
            rest.writeBytes(in, length);
            rest.readerIndex(scanner.scan(rest, rest.readerIndex(), rest.writerIndex()));
            rest.discardReadBytes();
        } else {
            int done = scanner.scan(in, in.readerIndex(), end);
            rest.clear().writeBytes(in, done, end - done);
            in.readerIndex(end);
        }
    }

    /** Discards an incomplete message; the next part starts with a new message. */
    void endPart() {
        rest.clear();
    }

    private void message(ByteBuf in, int id, int body) {
        int number = Body.number(in, body);
        if (got.get(number / rooms)) {
            doubled++;
            return;
        }
        got.set(number / rooms);
        if (!isNext(in, id)) {
            outOfOrder++;
        }
        tally.delivered(number, Body.due(in, body), now);
    }

    /** Compares the ids as signed numbers, which is right because ASCII bytes are never negative. */
    private boolean isNext(ByteBuf in, int id) {
        long a = in.getLong(id);
        long b = in.getLong(id + 8);
        long c = in.getLong(id + 16);
        short d = in.getShort(id + 24);
        boolean isNext = a != id0 ? a > id0 : b != id1 ? b > id1 : c != id2 ? c > id2 : d > id3;
        if (isNext) {
            id0 = a;
            id1 = b;
            id2 = c;
            id3 = d;
        }
        return isNext;
    }

    /**
     * Completes when the reader has a position in the log and receives every message that is published from then on.
     */
    CompletableFuture<Void> ready() {
        return ready;
    }

    /** Called when the connection has ended, or when the server did not respond as expected. */
    void lose(String reason) {
        isLost = true;
        ready.completeExceptionally(new BenchException(reason));
    }

    /**
     * Returns the id of the last message, from which a reader may resume; null before the first message. Called on the
     * event loop of the connection.
     */
    @Nullable
    String cursor() {
        if (id0 == 0) {
            return null;
        }
        byte[] id = ByteBuffer.allocate(26)
                .putLong(id0)
                .putLong(id1)
                .putLong(id2)
                .putShort(id3)
                .array();
        return new String(id, StandardCharsets.US_ASCII);
    }

    Tally tally() {
        return tally;
    }

    /** Whether the connection was lost. For any thread. */
    boolean isLost() {
        return isLost;
    }

    long doubled() {
        return doubled;
    }

    long outOfOrder() {
        return outOfOrder;
    }

    int room() {
        return room;
    }

    /** Returns how many of the {@code expected} messages, numbered within the room, did not arrive. */
    long missing(BitSet expected) {
        BitSet missing = (BitSet) expected.clone();
        missing.andNot(got);
        return missing.cardinality();
    }
}
