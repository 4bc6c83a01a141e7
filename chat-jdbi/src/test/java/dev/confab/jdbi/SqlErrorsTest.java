package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.StoreException;
import java.io.EOFException;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlErrorsTest {
    /** Before the commit nothing is stored, so a failure that the data did not cause may be temporary. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "08000", "08001", "08003", "08006", "25006", "25P02", "25P03", "25P04", "26000", "40001", "40003",
                        "40P01",
                "42501", "42P01", "53100", "53200", "53300", "55P03", "57014", "57P01", "57P02", "57P03", "57P05",
                        "58030",
                "XX000"
            })
    void failureBeforeTheCommitIsUnavailable(String state) {
        assertThat(SqlErrors.storeException(new SQLException("scripted", state)).kind())
                .isEqualTo(StoreException.Kind.UNAVAILABLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"22001", "22021", "22P05", "23505", "23514"})
    void dataThatTheDatabaseRejectsIsRefused(String state) {
        assertThat(SqlErrors.storeException(new SQLException("scripted", state)).kind())
                .isEqualTo(StoreException.Kind.REFUSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"22021", "23505", "23503", "40001", "40P01", "40002"})
    void commitThatTheServerRefusedIsRolledBack(String state) {
        assertThat(SqlErrors.isRolledBack(new SQLException("scripted", state))).isTrue();
    }

    /** Some of these errors can occur when the commit is already written and waits for a standby. */
    @ParameterizedTest
    @ValueSource(strings = {"08003", "08006", "08007", "25P03", "40003", "53200", "57014", "57P01", "57P02", "58030"})
    void otherFailuresOfACommitLeaveItsOutcomeUnknown(String state) {
        assertThat(SqlErrors.isRolledBack(new SQLException("scripted", state))).isFalse();
    }

    @Test
    void theSqlStateOfTheRowCounts() {
        SQLException row = new SQLException("row", "23514");
        BatchUpdateException batch = new BatchUpdateException("batch", "08000", 0, new int[0], row);
        assertThat(SqlErrors.storeException(new IllegalStateException(batch)).kind())
                .isEqualTo(StoreException.Kind.REFUSED);
        assertThat(SqlErrors.isRolledBack(new SQLException("no state"))).isFalse();
    }

    @Test
    void theRootCauseIsDescribedWithoutTheStatementAndItsValues() {
        BatchUpdateException batch = new BatchUpdateException(
                "Batch entry 0 insert into confab_message values ('secret') was aborted", "53100", new int[0]);
        batch.initCause(new SQLException("ERROR: could not extend file\n  Hint: Check free disk space.", "53100"));
        assertThat(SqlErrors.describe(SqlErrors.storeException(batch)))
                .isEqualTo("ERROR: could not extend file (SQLState 53100)");

        SQLException lost = new SQLException("An I/O error occurred", "08006", new EOFException());
        assertThat(SqlErrors.describe(SqlErrors.storeException(lost)))
                .isEqualTo("An I/O error occurred (SQLState 08006): EOFException");

        assertThat(SqlErrors.describe(new SQLException("closed; SQL statement:\nselect 'secret' [90098-252]", "90098")))
                .isEqualTo("closed (SQLState 90098)");
    }
}
