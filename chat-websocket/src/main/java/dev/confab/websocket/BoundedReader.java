package dev.confab.websocket;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.core.Gap;
import dev.confab.core.MessageId;
import dev.confab.netty.View;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reader that ends exactly at an id, at which another reader of the same session begins. Confined to the channel's
 * event loop.
 */
final class BoundedReader extends SessionReader {
    private static final FrameEncoder ENCODER = new FrameEncoder();

    private final MessageId end;
    private final Runnable next;

    /**
     * @param start the cursor with which this reader joins
     * @param end an id that this node has read
     * @param next runs once, as a task of the event loop, when all entries up to {@code end} are written
     */
    BoundedReader(Session session, View view, MessageId start, MessageId end, Runnable next) {
        super(session, view, start);
        this.end = end;
        this.next = next;
    }

    /** Entries after the end must not be written, so all entries pass through {@link #write}. */
    @Override
    protected @Nullable ChannelHandler writer() {
        return null;
    }

    @Override
    protected void write(ByteBuf encoded, Batch batch) {
        if (!batch.to().isAfter(end)) {
            super.write(encoded, batch);
        } else {
            encoded.release();
            List<Entry> before = batch.entries().stream()
                    .filter(entry -> !entry.id().isAfter(end))
                    .toList();
            if (!before.isEmpty()) {
                Batch rest = new Batch(batch.from(), end, before);
                super.write(ENCODER.encode(rest, channel().alloc()), rest);
            }
        }
        endAt(batch.to());
    }

    @Override
    protected void gap(Gap gap) {
        super.gap(gap);
        endAt(gap.to());
    }

    /** The end of the log is not before the end of this reader. */
    @Override
    protected void atEnd() {
        endAt(end);
    }

    private void endAt(MessageId reached) {
        if (!end.isAfter(reached)) {
            leave();
            // Not called directly, because the group that calls this reader is not ready for another reader.
            channel().eventLoop().execute(next);
        }
    }
}
