package dev.confab.netty;

import dev.confab.core.Batch;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What one cursor gets, and its bytes, made when the first reader needs them. Confined to the event loop. */
final class Range {
    final Batch batch;

    /** Whether something is left behind it. */
    final boolean more;

    private final FanOutLoop loop;
    private @Nullable ByteBuf bytes;

    Range(FanOutLoop loop, Batch batch, boolean more) {
        this.loop = loop;
        this.batch = batch;
        this.more = more;
    }

    /** @return its own still */
    ByteBuf bytes() {
        ByteBuf made = bytes;
        if (made == null) {
            made = loop.encode(batch);
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
}
