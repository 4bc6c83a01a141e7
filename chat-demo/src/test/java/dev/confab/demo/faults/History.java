package dev.confab.demo.faults;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that happened in a run, seen from outside.
 *
 * @param publishes in any order
 * @param log in the store's order
 * @param readings one for each reader
 * @param transactions of applications that use the outbox, those of each in their order
 * @param rows what the applications' own table has
 */
record History(
        List<Publish> publishes,
        List<Entry> log,
        List<Reading> readings,
        List<Transaction> transactions,
        Set<String> rows) {
    /** What a writer knows in the end about a message, or an application about a transaction. */
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
     * Rows of an application and their messages, in one transaction.
     *
     * @param bodies of both, in the order in which they were written; no other row or message has one of them
     * @param outcome refused when it was rolled back, or never came to its commit
     */
    record Transaction(String application, List<String> bodies, Outcome outcome) {}

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
