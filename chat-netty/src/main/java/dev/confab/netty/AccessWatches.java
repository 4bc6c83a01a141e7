package dev.confab.netty;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The readers of one principal. A list whose links are in the readers, because each poll adds and removes a reader.
 * Guarded by the caller.
 */
final class AccessWatches {
    private @Nullable AccessWatch first;
    private int size;

    void add(AccessWatch watch) {
        AccessWatch next = first;
        watch.after = next;
        if (next != null) {
            next.before = watch;
        }
        first = watch;
        size++;
        watch.rank = size;
    }

    /** Removes a reader. Does nothing when it was removed before. */
    void remove(AccessWatch watch) {
        if (watch.rank == 0) {
            return;
        }
        AccessWatch before = watch.before;
        AccessWatch after = watch.after;
        if (before == null) {
            first = after;
        } else {
            before.after = after;
        }
        if (after != null) {
            after.before = before;
        }
        watch.rank = 0;
        watch.before = null;
        watch.after = null;
        size--;
    }

    void forEach(Consumer<AccessWatch> action) {
        for (AccessWatch watch = first; watch != null; watch = watch.after) {
            action.accept(watch);
        }
    }

    boolean isEmpty() {
        return size == 0;
    }
}
