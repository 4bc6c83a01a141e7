package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which lines an outage writes. */
final class FailureLogTest {
    private final List<String> lines = new ArrayList<>();
    private long seconds;
    private final FailureLog log = new FailureLog(lines::add, () -> TimeUnit.SECONDS.toNanos(seconds));

    @Test
    void theCauseIsLoggedOnceAndThenCounted() {
        for (int i = 0; i < 600; i++) {
            seconds = i / 5;
            log.failed("appending", unavailable(new SQLException("server " + i + " is shutting down", "57P03")));
        }
        assertThat(lines)
                .containsExactly(
                        "The store fails at appending: server 0 is shutting down (SQLState 57P03)",
                        "The store fails at appending: server 300 is shutting down (SQLState 57P03), and 299 times more"
                                + " since the last such line");
    }

    @Test
    void eachCauseHasItsOwnLine() {
        log.failed("appending", unavailable(new SQLException("terminated", "57P01")));
        log.failed("reading", unavailable(new SQLException("terminated", "57P01")));
        log.failed("appending", unavailable(new SQLException("refused", "08001")));
        log.failed("joins", new ChatException(Reason.UNAVAILABLE, "the store cannot be reached"));
        log.failed("joins", new ChatException(Reason.UNAVAILABLE, "the store cannot be reached"));
        assertThat(lines)
                .containsExactly(
                        "The store fails at appending: terminated (SQLState 57P01)",
                        "The store fails at appending: refused (SQLState 08001)",
                        "The store fails at joins: the store cannot be reached");
    }

    @Test
    void theEndOfTheFailuresIsALine() {
        log.failed("appending", unavailable(new SQLException("refused", "08001")));
        log.failed("reading", unavailable(new SQLException("refused", "08001")));
        seconds = 12;
        log.succeeded("reading");
        assertThat(lines).hasSize(1);
        log.succeeded("appending");
        log.succeeded("appending");
        assertThat(lines).hasSize(2).endsWith("The store works again after 12 s, in which it failed 2 times");
    }

    /** One room's page is damaged and others are read: no line for each change. */
    @Test
    void aStoreThatFailsNowAndThenWritesTwoLinesAMinute() {
        for (int i = 0; i < 1_000; i++) {
            log.failed("reading", unavailable(new SQLException("damaged", "XX001")));
            log.succeeded("reading");
        }
        assertThat(lines).hasSize(2);
    }

    @Test
    void theRootCauseIsDescribedWithoutTheStatementAndItsValues() {
        BatchUpdateException batch = new BatchUpdateException(
                "Batch entry 0 insert into entry values ('secret') was aborted", "53100", new int[0]);
        batch.initCause(new SQLException("ERROR: could not extend file\n  Hint: Check free disk space.", "53100"));
        assertThat(SqlErrors.describe(unavailable(batch))).isEqualTo("ERROR: could not extend file (SQLState 53100)");

        SQLException lost = new SQLException("An I/O error occurred", "08006", new EOFException());
        assertThat(SqlErrors.describe(unavailable(lost)))
                .isEqualTo("An I/O error occurred (SQLState 08006): EOFException");

        assertThat(SqlErrors.describe(new SQLException("closed; SQL statement:\nselect 'secret' [90098-252]", "90098")))
                .isEqualTo("closed (SQLState 90098)");
    }

    private static StoreException unavailable(SQLException cause) {
        return new StoreException(StoreException.Kind.UNAVAILABLE, "store: cannot be used now", cause);
    }
}
