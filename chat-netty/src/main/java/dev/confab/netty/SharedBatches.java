package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.Feed;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The batches after the cursors of a group. A batch is encoded only once while the head does not move and the group has
 * a reader. Confined to the event loop.
 */
final class SharedBatches {
    /** The maximum number of cursors whose batches are kept. A further cursor causes all batches to be forgotten. */
    private static final int MAX = 64;

    private final FanOutLoop loop;
    private final Feed feed;
    private final Map<MessageId, SharedBatch> batches = new HashMap<>();
    private MessageId head;
    private @Nullable SharedBatch loaded;

    SharedBatches(FanOutLoop loop, Feed feed) {
        this.loop = loop;
        this.feed = feed;
        this.head = feed.head();
    }

    /**
     * Returns whether the head has moved since the last call. If so, the batches that end before the new head are
     * forgotten. A reader that joins between a commit and its wake-up already gets a batch that reaches the new head;
     * such a batch is kept.
     */
    boolean follow() {
        MessageId now = feed.head();
        if (now.equals(head)) {
            return false;
        }
        MessageId last = head;
        head = now;
        batches.values().removeIf(shared -> {
            boolean ends = shared.batch.to().isAfter(last) && isAtEnd(shared.batch);
            if (!ends) {
                shared.release();
            }
            return !ends;
        });
        return true;
    }

    /**
     * Returns the batch after {@code cursor}, shared by all readers at this cursor.
     *
     * @return null when the entries are only in the store
     */
    @Nullable
    SharedBatch at(MessageId cursor) {
        SharedBatch shared = batches.get(cursor);
        if (shared == null || isOutdated(shared)) {
            shared = at(cursor, limit());
            if (shared != null) {
                if (batches.size() >= MAX) {
                    forget();
                }
                SharedBatch outdated = batches.put(cursor, shared);
                if (outdated != null) {
                    outdated.release();
                }
            }
        }
        return shared;
    }

    /**
     * Returns the batch after {@code cursor} for a single reader, which must release it; null when the entries are only
     * in the store.
     */
    @Nullable
    SharedBatch at(MessageId cursor, Limit limit) {
        Batch batch = feed.read(cursor, limit);
        return batch == null ? null : new SharedBatch(loop, batch, !batch.isEmpty() && !isAtEnd(batch));
    }

    /**
     * Returns the shared form of a loaded batch. Readers that wait for the same load get the same batch, one directly
     * after the other, so they share its encoded bytes.
     */
    SharedBatch of(Batch batch) {
        SharedBatch shared = loaded;
        if (shared == null || shared.batch != batch) {
            if (shared != null) {
                shared.release();
            }
            shared = new SharedBatch(loop, batch, true);
            loaded = shared;
            loop.executor().execute(this::forgetLoaded);
        }
        return shared;
    }

    /** Returns the limit of one write to a reader that has no limit of its own. */
    Limit limit() {
        return loop.fanOut().config().limit();
    }

    void forget() {
        if (!batches.isEmpty()) {
            batches.values().forEach(SharedBatch::release);
            batches.clear();
        }
    }

    private void forgetLoaded() {
        if (loaded != null) {
            loaded.release();
            loaded = null;
        }
    }

    /**
     * Returns whether a commit may have followed an empty batch without its wake-up having run yet. A reader that joins
     * then must not count as being at the end of the log: the response to a poll would be empty, and a drain would end
     * a stream too early.
     */
    private boolean isOutdated(SharedBatch shared) {
        return shared.batch.isEmpty() && feed.head().isAfter(shared.batch.to());
    }

    /** Returns whether nothing follows the batch at this moment. */
    private boolean isAtEnd(Batch batch) {
        Batch rest = feed.read(batch.to(), limit());
        return rest != null && rest.isEmpty();
    }
}
