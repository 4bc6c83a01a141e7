package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.Feed;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ranges of entries after the cursors of a group. A range is encoded only once while the head does not move and the
 * group has a reader. Confined to the event loop.
 */
final class SharedBatches {
    /** The maximum number of cursors whose ranges are kept. A further cursor causes all ranges to be forgotten. */
    private static final int MAX = 64;

    private final FanOutLoop loop;
    private final Feed feed;
    private final Map<MessageId, SharedBatch> ranges = new HashMap<>();
    private MessageId head;
    private @Nullable SharedBatch loaded;

    SharedBatches(FanOutLoop loop, Feed feed) {
        this.loop = loop;
        this.feed = feed;
        this.head = feed.head();
    }

    /**
     * Returns whether the head has moved since the last call. If so, the ranges that end before the new head are
     * forgotten. A reader that joins between a commit and its wake-up already gets a range that reaches the new head;
     * such a range is kept.
     */
    boolean follow() {
        MessageId now = feed.head();
        if (now.equals(head)) {
            return false;
        }
        MessageId last = head;
        head = now;
        ranges.values().removeIf(range -> {
            boolean ends = range.batch.to().isAfter(last) && isAtEnd(range.batch);
            if (!ends) {
                range.release();
            }
            return !ends;
        });
        return true;
    }

    /**
     * Returns the range after {@code cursor}, shared by all readers at this cursor.
     *
     * @return null when the entries are only in the store
     */
    @Nullable
    SharedBatch at(MessageId cursor) {
        SharedBatch range = ranges.get(cursor);
        if (range == null || isOutdated(range)) {
            range = at(cursor, limit());
            if (range != null) {
                if (ranges.size() >= MAX) {
                    forget();
                }
                SharedBatch outdated = ranges.put(cursor, range);
                if (outdated != null) {
                    outdated.release();
                }
            }
        }
        return range;
    }

    /**
     * Returns the range after {@code cursor} for a single reader, which must release it; null when the entries are only
     * in the store.
     */
    @Nullable
    SharedBatch at(MessageId cursor, Limit limit) {
        Batch batch = feed.read(cursor, limit);
        return batch == null ? null : new SharedBatch(loop, batch, !batch.isEmpty() && !isAtEnd(batch));
    }

    /**
     * Returns the range of a loaded batch. Readers that wait for the same load get the same batch, one directly after
     * the other, so they share one range.
     */
    SharedBatch of(Batch batch) {
        SharedBatch range = loaded;
        if (range == null || range.batch != batch) {
            if (range != null) {
                range.release();
            }
            range = new SharedBatch(loop, batch, true);
            loaded = range;
            loop.executor().execute(this::forgetLoaded);
        }
        return range;
    }

    /** Returns the limit of one write to a reader that has no limit of its own. */
    Limit limit() {
        return loop.fanOut().config().limit();
    }

    void forget() {
        if (!ranges.isEmpty()) {
            ranges.values().forEach(SharedBatch::release);
            ranges.clear();
        }
    }

    private void forgetLoaded() {
        if (loaded != null) {
            loaded.release();
            loaded = null;
        }
    }

    /**
     * Returns whether a commit may have followed an empty range without its wake-up having run yet. A reader that joins
     * then must not count as being at the end of the log: the response to a poll would be empty, and a drain would end
     * a stream too early.
     */
    private boolean isOutdated(SharedBatch range) {
        return range.batch.isEmpty() && feed.head().isAfter(range.batch.to());
    }

    /** Returns whether nothing follows the batch at this moment. */
    private boolean isAtEnd(Batch batch) {
        Batch rest = feed.read(batch.to(), limit());
        return rest != null && rest.isEmpty();
    }
}
