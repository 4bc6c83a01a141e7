package dev.confab.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * Fills the tail of a node that has started, with the newest entries in the store, until the tail's bounds are reached.
 * Readers that come back after a restart are then served from memory.
 *
 * <p>The store reads the whole log only forwards. So the fill reads windows of time, each below the one before and
 * twice as long, and adds the entries of a window from the newest to the oldest. A step reads one page, so that other
 * reads run between two steps. Not thread-safe.
 */
final class TailFill {
    private static final long FIRST_WINDOW_MILLIS = 1_000;

    private final MessageStore store;
    private final Tail tail;
    private final MessageId origin;

    /** The lowest cursor of all windows: the start of the log, or the age that the tail keeps. */
    private final MessageId floor;

    /** The newest entries of the window, as many as the tail has space for. */
    private final Deque<Entry> window = new ArrayDeque<>();

    private long weight;
    private long space;
    private boolean isOverfull;
    private long millis = FIRST_WINDOW_MILLIS;

    /** The cursor at which the tail starts: the next window ends here. */
    private MessageId to;

    private MessageId bottom;
    /** The cursor after which {@link #window} has all entries. */
    private MessageId from;
    /** The cursor up to which the window was read. */
    private MessageId read;

    /**
     * Prepares the fill of a tail to which nothing was appended yet.
     *
     * @param age the age of the oldest entries that the tail keeps
     */
    TailFill(MessageStore store, Tail tail, Instant now, Duration age) {
        this.store = store;
        this.tail = tail;
        // Every cursor below the start of the log stands for the start.
        this.origin = store.floor(MessageId.MIN.next());
        this.floor = MessageId.max(origin, MessageId.floorOfAge(now, age));
        this.to = tail.head();
        this.bottom = to;
        this.from = to;
        this.read = to;
        begin();
    }

    /** Returns whether the store may have entries for the tail. */
    boolean isNeeded() {
        return to.isAfter(floor);
    }

    /**
     * Reads the next page. A step that failed may be repeated.
     *
     * @return whether a further step is needed
     */
    boolean step() {
        List<Message> page = store.readLog(read, Limit.PAGE);
        for (Message message : page) {
            if (!message.id().isAfter(to)) {
                add(Entry.of(message));
            }
        }
        boolean isComplete = true;
        if (!page.isEmpty()) {
            read = page.get(page.size() - 1).id();
            isComplete = !to.isAfter(read);
        }
        return !isComplete || addWindow();
    }

    private void begin() {
        bottom = MessageId.max(floor, MessageId.floorOf(to.time().minusMillis(millis)));
        from = bottom;
        read = bottom;
        window.clear();
        weight = 0;
        space = tail.maxBytes() - tail.bytes();
    }

    private void add(Entry entry) {
        window.addLast(entry);
        weight += entry.weight();
        while (weight > space) {
            Entry oldest = window.removeFirst();
            weight -= oldest.weight();
            from = oldest.id();
            isOverfull = true;
        }
    }

    private boolean addWindow() {
        long trims = tail.trims();
        // Read after the messages: a message that was trimmed before that read is missing in the window, and the marks
        // show the gap.
        Map<Room, MessageId> trimmed = store.trimmedAfter(from);
        if (from.equals(bottom) && !from.equals(origin) && !window.isEmpty()) {
            // The tail has to start at an id that is in the log, so that it does not take a foreign cursor for known.
            from = window.removeFirst().id();
        }
        if (!window.isEmpty() || from.equals(origin)) {
            if (!prepend(new ArrayList<>(window), trimmed, trims)) {
                boolean isOutdated = trims != tail.trims();
                begin();
                return isOutdated;
            }
        }
        boolean isLast = bottom.equals(floor) || isOverfull;
        millis *= 2;
        begin();
        return !isLast;
    }

    /** @return false when the tail takes no further entries */
    private boolean prepend(List<Entry> entries, Map<Room, MessageId> trimmed, long trims) {
        int end = entries.size();
        do {
            int start = Math.max(0, end - Limit.PAGE.entries());
            MessageId after = start == 0 ? from : entries.get(start - 1).id();
            if (!tail.prepend(after, to, entries.subList(start, end), trimmed, trims)) {
                return false;
            }
            to = after;
            end = start;
        } while (end > 0);
        return true;
    }
}
