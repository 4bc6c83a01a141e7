package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.IdFormat;
import dev.confab.core.Message;
import dev.confab.core.RoomSet;

/**
 * The part of the log that a reader reads, and the form in which the reader gets it. Readers with equal views share
 * their encoded bytes.
 *
 * @param rooms the rooms to read
 * @param ids the form of the ids
 * @param messagesOnly whether joins and leaves are left out
 */
public record View(RoomSet rooms, IdFormat ids, boolean messagesOnly) {
    /** Returns the view of all entries of {@code rooms} in their usual form. */
    public static View of(RoomSet rooms) {
        return new View(rooms, IdFormat.ULID, false);
    }

    /** Returns this view of other rooms. */
    public View with(RoomSet other) {
        return new View(other, ids, messagesOnly);
    }

    /**
     * Returns the entries of a batch as a reader with this view gets them; there may be none. {@link Batch#from} and
     * {@link Batch#to} do not change, so that a reader does not read again the entries that are left out.
     */
    public Batch of(Batch batch) {
        Batch wanted = messagesOnly ? batch.only(Message.Type.MESSAGE) : batch;
        return wanted.with(ids);
    }
}
