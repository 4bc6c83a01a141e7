package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.Feed;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The batches after the cursors of a group, from memory and from the store. A batch is encoded only once while the head
 * does not move and the group has a reader. Confined to the event loop.
 */
final class SharedBatches {
    /** The maximum number of batches that are kept. A further batch causes all batches to be forgotten. */
    private static final int MAX = 64;

    /** The time after which batches from the store are forgotten, because memory does not have them otherwise. */
    private static final long LOADED_MILLIS = 1_000;

    private final FanOutLoop loop;
    private final Feed feed;
    private final View view;
    private final Map<Key, SharedBatch> batches = new HashMap<>();
    private MessageId head;
    private long trims;
    private boolean forgetsLoaded;

    SharedBatches(FanOutLoop loop, Feed feed, View view) {
        this.loop = loop;
        this.feed = feed;
        this.view = view;
        this.head = feed.head();
        this.trims = feed.trims();
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
        forgetIf(shared -> !shared.batch.to().isAfter(last) || !isAtEnd(shared.batch));
        return true;
    }

    /**
     * Returns the batch after {@code cursor}, shared by all readers at this cursor with this limit.
     *
     * @return null when the entries are only in the store
     */
    @Nullable
    SharedBatch at(MessageId cursor, Limit limit) {
        forgetTrimmed();
        Key key = new Key(cursor, limit);
        SharedBatch shared = batches.get(key);
        if (shared == null || isOutdated(shared)) {
            Batch batch = feed.read(cursor, limit);
            if (batch == null) {
                return null;
            }
            shared = SharedBatch.fromMemory(loop, batch, view, !batch.isEmpty() && !isAtEnd(batch));
            keep(key, shared);
        }
        return shared;
    }

    /** Returns the shared form of a batch that was loaded with this limit and is not empty. */
    SharedBatch of(Batch loaded, Limit limit) {
        forgetTrimmed();
        Key key = new Key(loaded.from(), limit);
        SharedBatch shared = batches.get(key);
        if (shared == null || shared.source.isEmpty()) {
            shared = SharedBatch.loaded(loop, loaded, view);
            keep(key, shared);
            forgetLoadedLater();
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

    private void keep(Key key, SharedBatch shared) {
        if (batches.size() >= MAX || loop.isCacheFull()) {
            forget();
        }
        SharedBatch outdated = batches.put(key, shared);
        if (outdated != null) {
            outdated.release();
        }
    }

    private void forgetTrimmed() {
        long now = feed.trims();
        if (now != trims) {
            trims = now;
            forget();
        }
    }

    private void forgetLoadedLater() {
        if (!forgetsLoaded) {
            forgetsLoaded = true;
            loop.executor().schedule(this::forgetLoaded, LOADED_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void forgetLoaded() {
        forgetsLoaded = false;
        forgetIf(SharedBatch::isLoaded);
    }

    private void forgetIf(Predicate<SharedBatch> unwanted) {
        batches.values().removeIf(shared -> {
            boolean isUnwanted = unwanted.test(shared);
            if (isUnwanted) {
                shared.release();
            }
            return isUnwanted;
        });
    }

    /**
     * Returns whether a commit may have followed an empty batch without its wake-up having run yet. A reader that joins
     * then must not count as being at the end of the log: the response to a poll would be empty, and a drain would end
     * a stream too early.
     */
    private boolean isOutdated(SharedBatch shared) {
        return shared.source.isEmpty() && feed.head().isAfter(shared.batch.to());
    }

    /** Returns whether nothing follows the batch at this moment. */
    private boolean isAtEnd(Batch batch) {
        Batch rest = feed.read(batch.to(), limit());
        return rest != null && rest.isEmpty();
    }

    private record Key(MessageId cursor, Limit limit) {}
}
