package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.Feed;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The ranges that the cursors of a group get, each encoded once while the head stays where it is and the group has a reader.
 * Confined to the event loop.
 */
final class SharedBatches {
    /** Cursors whose ranges are kept; with one more, all are made anew. */
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
     * Returns whether the head has moved since the last call; then the ranges that end before it are forgotten. A reader that
     * joins between a commit and its wake-up gets a range that reaches the new head already: that range is kept.
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
     * What is after {@code cursor}, for all who are there.
     *
     * @return null when only the store knows
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

    /** The same for one alone, who is to release it. */
    @Nullable
    SharedBatch at(MessageId cursor, Limit limit) {
        Batch batch = feed.read(cursor, limit);
        return batch == null ? null : new SharedBatch(loop, batch, !batch.isEmpty() && !isAtEnd(batch));
    }

    /** Of what was loaded: equal loads give the same batch to all who wait for it, one after the other. */
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

    /** How much one write brings, unless a reader says otherwise. */
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
     * Returns whether an empty range may have been followed by a commit whose wake-up has not run yet. A reader that joins then
     * must not be told that it is at the end: a poll would be answered with nothing, a drain would end a stream too early.
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
