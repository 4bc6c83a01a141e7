package dev.confab.core;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pages that were read from the store in the last seconds. Readers that arrive shortly after one another, such as
 * all readers after a restart, find their pages here. When the bound is reached, the page that was read first is
 * removed, and a later reader reads it from the store again. Thread-safe.
 *
 * <p>A page here is equal to the page that the store would return. A page that ends at its limit stays the same when
 * messages are appended. A page that reaches the head is used only while the head does not move. No page is used after
 * retention has removed messages on this node.
 */
final class Pages {
    /** The bound of all pages together, in bytes. */
    static final long MAX_BYTES = 16 << 20;

    /** The estimated memory of a page besides its entries, in bytes. */
    private static final int OVERHEAD = 300;

    private final Tail tail;
    private final Map<Key, Page> pages = new LinkedHashMap<>();
    private long bytes;
    private int round;

    Pages(Tail tail) {
        this.tail = tail;
    }

    /** Returns the page that the store would return now, or null if the page is not here. */
    synchronized @Nullable Batch get(Key key) {
        Page page = pages.get(key);
        return page != null && isValid(page) ? page.batch : null;
    }

    /**
     * Keeps a page.
     *
     * @param through the head that the page reaches, or null if the page ends at its limit
     * @param trims the value of {@link Tail#trims()} before the page was read
     */
    synchronized void put(Key key, Batch batch, @Nullable MessageId through, long trims) {
        long weight = OVERHEAD;
        for (Entry entry : batch.entries()) {
            weight += entry.weight();
        }
        Page page = new Page(batch, through, trims, weight, round);
        remove(pages.remove(key));
        pages.put(key, page);
        bytes += weight;
        Iterator<Page> first = pages.values().iterator();
        while (bytes > MAX_BYTES) {
            remove(first.next());
            first.remove();
        }
    }

    /** Removes the pages that were read before the last call. */
    synchronized void sweep() {
        Iterator<Page> first = pages.values().iterator();
        while (first.hasNext()) {
            Page page = first.next();
            if (page.round == round) {
                break;
            }
            remove(page);
            first.remove();
        }
        round++;
    }

    /** Returns the estimated memory of all pages, in bytes. */
    synchronized long bytes() {
        return bytes;
    }

    private boolean isValid(Page page) {
        return page.trims == tail.trims() && (page.through == null || page.through.equals(tail.head()));
    }

    private void remove(@Nullable Page page) {
        if (page != null) {
            bytes -= page.weight;
        }
    }

    /** The question that a page answers. */
    record Key(RoomSet rooms, MessageId after, Limit limit) {}

    /** @param round the number of sweeps before the page was read */
    private record Page(Batch batch, @Nullable MessageId through, long trims, long weight, int round) {}
}
