package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.IdFormat;
import dev.confab.core.RoomSet;

/**
 * The part of the log that a reader reads, and the form in which the reader gets it. Readers with equal views share
 * their encoded bytes.
 *
 * @param rooms the rooms to read
 * @param ids the form of the ids
 */
public record View(RoomSet rooms, IdFormat ids) {
    /** Returns the view of all entries of {@code rooms} in their usual form. */
    public static View of(RoomSet rooms) {
        return new View(rooms, IdFormat.ULID);
    }

    /**
     * Returns the entries of a batch as a reader with this view gets them. {@link Batch#from} and {@link Batch#to} do
     * not change.
     */
    public Batch of(Batch batch) {
        return batch.with(ids);
    }
}
