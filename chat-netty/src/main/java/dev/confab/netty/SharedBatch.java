package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import io.netty.buffer.ByteBuf;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The batch of entries after one cursor, and its encoded bytes, which are made when the first reader needs them.
 * Confined to the event loop.
 */
final class SharedBatch {
    final Batch batch;

    /** The batch as it was read. {@link #batch} may lack some of its entries, or all of them. */
    final Batch source;

    /** Whether there are further entries after this batch. */
    final boolean more;

    /** The sessions that sent some of the entries, and do not get these. */
    final Set<String> senders;

    private final boolean isLoaded;

    /** The memory of the entries that only this object holds, in bytes. The tail has the others. */
    private final int held;

    private final FanOutLoop loop;
    private final long lifetime;
    private @Nullable ByteBuf bytes;
    private long encodedAt;

    private SharedBatch(FanOutLoop loop, Batch source, View view, boolean more, boolean isLoaded) {
        this.loop = loop;
        this.source = source;
        this.batch = view.of(source);
        this.more = more;
        this.senders = batch.senders();
        this.isLoaded = isLoaded;
        this.held = (isLoaded ? weight(source) : 0) + (batch.ids() == source.ids() ? 0 : weight(batch));
        this.lifetime = loop.fanOut().encoder().lifetime().toNanos();
        loop.cached(held);
    }

    /** @param more whether there are further entries after the batch */
    static SharedBatch fromMemory(FanOutLoop loop, Batch source, View view, boolean more) {
        return new SharedBatch(loop, source, view, more, false);
    }

    /** Further entries may follow a batch from the store. */
    static SharedBatch loaded(FanOutLoop loop, Batch source, View view) {
        return new SharedBatch(loop, source, view, true, true);
    }

    private static int weight(Batch batch) {
        int weight = 0;
        for (Entry entry : batch.entries()) {
            weight += entry.weight();
        }
        return weight;
    }

    boolean isLoaded() {
        return isLoaded;
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
