package dev.confab.core;

import dev.confab.core.MessageStore.Appended;
import dev.confab.core.MessageStore.Outcome;
import dev.confab.core.MessageStore.Page;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The simplest log: a list. {@link ScriptedStore} stores its messages here, and model tests compare results with it.
 */
public final class ScriptedLog {
    private static final long BASE_MILLIS = 1_700_000_000_000L;

    private final MessageId start = MessageId.of(BASE_MILLIS, 0, 0);
    private final List<Message> entries = new ArrayList<>();
    private final Map<String, Message> keys = new HashMap<>();
    private final Map<Room, MessageId> marks = new HashMap<>();
    private MessageId last = start;

    /** The id at which the log started. It is the last id as long as the log is empty. */
    public MessageId start() {
        return start;
    }

    /** Appends the drafts of any node. */
    public synchronized Appended append(List<Draft> drafts) {
        MessageId previous = last;
        List<Outcome> outcomes = new ArrayList<>();
        for (Draft draft : drafts) {
            outcomes.add(place(draft));
        }
        return new Appended(previous, outcomes);
    }

    /** Appends a message from another node. */
    public MessageId appendForeign(Room room, String body) {
        append(List.of(Draft.of(room, body)));
        return lastId();
    }

    /** Appends a message and returns its entry for a tail. */
    synchronized Entry appendEntry(Room room) {
        append(List.of(Draft.of(room, "m")));
        return Entry.of(entries.get(entries.size() - 1));
    }

    /** Removes the messages of {@code room} up to and including {@code through}, which is the id of one of them. */
    public synchronized void trim(Room room, MessageId through) {
        entries.removeIf(m -> m.room().equals(room) && !m.id().isAfter(through));
        marks.put(room, through);
    }

    synchronized Map<Room, MessageId> trim(Retention retention) {
        Map<Room, MessageId> trimmed = new HashMap<>();
        Integer max = retention.maxEntries();
        if (max != null) {
            for (Room room : entries.stream().map(Message::room).distinct().toList()) {
                List<Message> all = entries(m -> m.room().equals(room));
                if (all.size() > max) {
                    trimmed.put(room, all.get(all.size() - max - 1).id());
                }
            }
        }
        trimmed.forEach(this::trim);
        return trimmed;
    }

    synchronized List<Message> entries(Predicate<Message> wanted) {
        return entries.stream().filter(wanted).toList();
    }

    /** All committed messages that are not trimmed, in order. */
    public List<Message> entries() {
        return entries(m -> true);
    }

    public synchronized MessageId lastId() {
        return last;
    }

    synchronized MessageId trimmedThrough(RoomSet rooms) {
        return rooms.rooms().stream().map(marks::get).filter(m -> m != null).reduce(start, MessageId::max);
    }

    synchronized Map<Room, MessageId> trimmedAfter(MessageId after) {
        Map<Room, MessageId> above = new HashMap<>(marks);
        above.values().removeIf(mark -> !mark.isAfter(after));
        return above;
    }

    synchronized MessageId floor(MessageId cursor) {
        if (start.isAfter(cursor)) {
            return cursor.equals(MessageId.MIN) ? cursor : start;
        }
        MessageId trimmed = marks.values().stream().reduce(start, MessageId::max);
        if (!cursor.isAfter(trimmed)) {
            return cursor;
        }
        MessageId below = trimmed;
        for (Message entry : entries) {
            if (!entry.id().isAfter(cursor)) {
                below = MessageId.max(below, entry.id());
            }
        }
        return below;
    }

    synchronized Page readAfter(RoomSet rooms, MessageId after, MessageId through, Limit limit) {
        List<Message> page = new ArrayList<>();
        int bytes = 0;
        for (Message entry : entries) {
            boolean wanted = rooms.rooms().contains(entry.room())
                    && entry.id().isAfter(after)
                    && !entry.id().isAfter(through);
            if (wanted) {
                bytes += entry.body().length();
                if (page.size() == limit.entries() || (bytes > limit.bytes() && !page.isEmpty())) {
                    return new Page(trimmedThrough(rooms), page, false);
                }
                page.add(entry);
            }
        }
        return new Page(trimmedThrough(rooms), page, true);
    }

    private Outcome place(Draft draft) {
        String key = draft.room() + " " + draft.key();
        Message known = draft.key() == null ? null : keys.get(key);
        if (known != null) {
            boolean same = known.body().equals(draft.body()) && java.util.Objects.equals(known.nick(), draft.nick());
            return same ? new Outcome.Known(known) : new Outcome.Conflict();
        }
        last = MessageId.of((last.high() >>> 16) + 1, 0, 0);
        Message message = Message.of(last, draft);
        entries.add(message);
        if (draft.key() != null) {
            keys.put(key, message);
        }
        return new Outcome.Placed(message);
    }
}
