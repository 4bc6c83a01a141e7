package dev.confab.demo.faults;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that happened in a run, seen from outside.
 *
 * @param publishes in any order
 * @param log in the store's order
 * @param readings one for each reader
 */
record History(List<Publish> publishes, List<Entry> log, List<Reading> readings) {
    /** What a writer knows in the end about a message. */
    enum Outcome {
        ACKNOWLEDGED,
        /** It may be stored: a connection was lost, or the server said so. */
        UNKNOWN,
        /** It was never sent, or each answer said that nothing was stored. */
        REFUSED
    }

    /**
     * One message, however often it was sent.
     *
     * @param body no other message has it
     * @param sent when it was sent for the first time, in nanoseconds of a clock that all writers share
     * @param answered when its outcome was known
     * @param id null unless it is acknowledged
     */
    record Publish(
            String writer,
            String key,
            String body,
            long sent,
            long answered,
            Outcome outcome,
            @Nullable String id) {}

    /**
     * What the log has, or what a reader got.
     *
     * @param id its text sorts as the log does
     * @param body null for a gap, whose id is the new cursor
     */
    record Entry(String id, @Nullable String body) {
        static Entry gap(String id) {
            return new Entry(id, null);
        }

        boolean isGap() {
            return body == null;
        }
    }

    /**
     * What a reader got, from the first entry of the log on, in the order in which it came.
     *
     * @param entries with the gaps that were announced
     */
    record Reading(String reader, List<Entry> entries) {
        long gaps() {
            return entries.stream().filter(Entry::isGap).count();
        }
    }
}
