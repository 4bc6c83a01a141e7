package dev.confab.netty;

import dev.confab.core.Batch;
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

    private final FanOutLoop loop;
    private final long lifetime;
    private @Nullable ByteBuf bytes;
    private long encodedAt;

    SharedBatch(FanOutLoop loop, Batch batch, boolean more) {
        this.loop = loop;
        this.batch = batch;
        this.more = more;
        this.lifetime = loop.fanOut().encoder().lifetime().toNanos();
    }

    /** @return the encoded bytes; this object releases them */
    ByteBuf bytes() {
        if (bytes != null && isExpired()) {
            release();
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

    void release() {
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
