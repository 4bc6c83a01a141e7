package dev.confab.netty;

import dev.confab.core.MessageId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The readers of a ring that need exactly the same bytes. They are collected first and get the bytes together, for two
 * reasons:
 *
 * <ul>
 *   <li>All lookups happen before the first system call. Each system call leaves little of the data that was looked up
 *       in the processor's cache.
 *   <li>A receiver that is faster than the server is woken less often.
 * </ul>
 *
 * <p>Confined to the event loop.
 */
final class SharedWrite {
    private final SharedBatches batches;
    private final List<Reader> readers = new ArrayList<>(0);
    private @Nullable SharedBatch batch;

    /** The bytes of {@link #batch}, retained because the batch may be forgotten meanwhile. */
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;

    SharedWrite(SharedBatches batches) {
        this.batches = batches;
    }

    boolean isEmpty() {
        return readers.isEmpty();
    }

    /**
     * Adds a reader whose next bytes are those of the readers that were added before.
     *
     * @return false when the reader needs other bytes, or cannot be sent shared bytes directly
     */
    boolean add(Reader reader) {
        SocketOutput output = reader.output;
        if (reader.state != Reader.State.RING || output == null || !output.isFree() || reader.limit() != null) {
            return false;
        }
        SharedBatch next = batches.at(reader.cursor, batches.limit());
        if (next == null || next.batch.isEmpty() || (batch != null && batch != next)) {
            return false;
        }
        if (!reader.getsAll(next)) {
            return false;
        }
        if (batch == null) {
            ByteBuf encoded = next.bytes();
            if (!encoded.hasMemoryAddress()) {
                return false;
            }
            batch = next;
            bytes = encoded.retain();
        }
        readers.add(reader);
        return true;
    }

    /**
     * Sends the bytes to the readers that were added, and removes these readers. Between the first reader's addition
     * and the last system call, nothing changes the state of a reader before its turn: with TLS, a write can run
     * handlers of the reader's own connection.
     *
     * @param group finishes the readers that have unsent bytes or further entries
     */
    void send(Group group) {
        SharedBatch sent = batch;
        if (sent == null) {
            return;
        }
        ByteBuf encoded = bytes;
        List<Reader> unfinished = send(sent, encoded);
        group.count(readers.size(), sent.batch, encoded);
        batch = null;
        bytes = Unpooled.EMPTY_BUFFER;
        readers.clear();
        for (Reader reader : unfinished) {
            group.finish(reader, sent, encoded);
        }
        encoded.release();
    }

    /** @return the readers that need further work */
    private List<Reader> send(SharedBatch sent, ByteBuf encoded) {
        MessageId to = sent.batch.to();
        int size = encoded.readableBytes();
        List<Reader> unfinished = List.of();
        for (Reader reader : readers) {
            SocketOutput output = reader.output;
            int count = output == null ? 0 : output.send(encoded);
            reader.cursor = to;
            if (sent.more || count < size) {
                reader.sent = count;
                if (unfinished.isEmpty()) {
                    unfinished = new ArrayList<>();
                }
                unfinished.add(reader);
            }
        }
        return unfinished;
    }
}
