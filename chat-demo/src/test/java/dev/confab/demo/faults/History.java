package dev.confab.demo.faults;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All events of a run, as its clients and the database show them.
 *
 * @param publishes the published messages, in any order
 * @param log the entries of the log, in the store's order
 * @param readings one reading for each reader
 * @param transactions the transactions of the applications that use the outbox; each application's are in their order
 * @param rows the contents of the applications' own table
 */
record History(
        List<Publish> publishes,
        List<Entry> log,
        List<Reading> readings,
        List<Transaction> transactions,
        Set<String> rows) {
    /** The result of a publish for its writer, or of a transaction for its application. */
    enum Outcome {
        ACKNOWLEDGED,
        /** The message may be stored: a connection was lost, or the server reported an unknown outcome. */
        UNKNOWN,
        /** Nothing is stored: the message was never sent, or each response said that nothing was stored. */
        REFUSED
    }

    /**
     * One message, which may have been sent several times.
     *
     * @param body the unique text of the message
     * @param sent the time at which the message was first sent, in nanoseconds of a clock that all writers share
     * @param answered the time at which the outcome was known
     * @param id the id of the stored message; null unless the outcome is acknowledged
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
     * A transaction in which an application writes rows and a message for each row.
     *
     * @param bodies the unique texts, each shared by a row and its message, in the order in which they were written
     * @param outcome refused when the transaction was rolled back or never reached its commit
     */
    record Transaction(String application, List<String> bodies, Outcome outcome) {}

    /**
     * An entry of the log, or an entry or gap that a reader received.
     *
     * @param id the entry's id, whose text sorts in the order of the log
     * @param body the entry's text; null for a gap, whose id is the new cursor
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
     * The entries that a reader received, from the first entry of the log on, in the order of their arrival.
     *
     * @param entries the entries and the announced gaps
     */
    record Reading(String reader, List<Entry> entries) {
        long gaps() {
            return entries.stream().filter(Entry::isGap).count();
        }
    }
}
