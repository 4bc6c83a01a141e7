package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The batch of entries after one cursor, and its encoded bytes, which are made when the first reader needs them.
 * Confined to the event loop.
 */
final class SharedBatch {
    final Batch batch;

    /** Whether there are further entries after this batch. */
    final boolean more;

    /** The memory of the entries, in bytes, if only this object holds them; 0 if the tail has them. */
    private final int held;

    private final FanOutLoop loop;
    private final long lifetime;
    private @Nullable ByteBuf bytes;
    private long encodedAt;

    private SharedBatch(FanOutLoop loop, Batch batch, boolean more, int held) {
        this.loop = loop;
        this.batch = batch;
        this.more = more;
        this.held = held;
        this.lifetime = loop.fanOut().encoder().lifetime().toNanos();
    }

    /** @param more whether there are further entries after the batch */
    static SharedBatch fromMemory(FanOutLoop loop, Batch batch, boolean more) {
        return new SharedBatch(loop, batch, more, 0);
    }

    /** Further entries may follow a batch from the store. */
    static SharedBatch loaded(FanOutLoop loop, Batch batch) {
        int held = 0;
        for (Entry entry : batch.entries()) {
            held += entry.weight();
        }
        loop.cached(held);
        return new SharedBatch(loop, batch, true, held);
    }

    boolean isLoaded() {
        return held > 0;
    }

    /** The number of encoded bytes, or 0 if the batch is not encoded. */
    int size() {
        return bytes == null ? 0 : bytes.readableBytes();
    }

    /** @return the encoded bytes; this object releases them */
    ByteBuf bytes() {
        if (bytes != null && isExpired()) {
            releaseBytes();
        }
        ByteBuf made = bytes;
        if (made == null) {
            made = loop.encode(batch);
            encodedAt = now();
            bytes = made;
            loop.cached(made.readableBytes());
        }
        return made;
    }

    /** Releases the memory. Called once, when no further reader can get this batch. */
    void release() {
        releaseBytes();
        loop.cached(-held);
    }

    private void releaseBytes() {
        if (bytes != null) {
            loop.cached(-bytes.readableBytes());
            bytes.release();
            bytes = null;
        }
    }

    private boolean isExpired() {
        return lifetime < Long.MAX_VALUE && now() - encodedAt > lifetime;
    }

    private long now() {
        return loop.executor().ticker().nanoTime();
    }
}
