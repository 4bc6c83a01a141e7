package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.Draft;
import dev.confab.core.MessageStore;
import dev.confab.core.Retention;
import dev.confab.core.StoreCalls;
import dev.confab.core.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the size of H2 files. {@code -Dspace.messages=10000} measures what a message takes on disk. */
@Timeout(110)
class H2SpaceTest {
    private static final int MESSAGES = Integer.getInteger("space.messages", 2_000);
    private static final String TEXT = "x".repeat(100);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileStaysNearItsContent(boolean keyed) throws IOException {
        try (HikariDataSource pool = H2Database.inFile(directory);
                MessageStore store = JdbiMessageStore.open(pool)) {
            for (int i = 0; i < MESSAGES; i++) {
                StoreCalls.append(store, Draft.of(StoreCalls.A, null, TEXT, keyed ? "key-" + i : null));
            }
            // Old chunks take 3 to 6 MB, independent of the number of messages: the chunks of 32 versions, and the
            // chunks that are written while others are copied. H2 alone would take 20 kB a message here.
            assertThat(size()).isLessThan(10_000_000L + MESSAGES * 600L);
            report("open", keyed);
        }
        assertThat(size()).isLessThan(100_000L + MESSAGES * 400L);
        report("closed", keyed);
    }

    /**
     * H2 may keep a few pages at the end of the file that it never rewrites, so the file need not become shorter. But
     * its space is reused.
     */
    @Test
    void theSpaceOfAnEmptiedFileIsReused() throws IOException {
        try (HikariDataSource pool = H2Database.inFile(directory);
                MessageStore store = JdbiMessageStore.open(pool)) {
            StoreCalls.publishAll(store, StoreCalls.A, 20_000);
            long full = size();
            for (int i = 0; i < 3; i++) {
                store.trim(new Retention(null, 100));
                StoreCalls.publishAll(store, StoreCalls.A, 20_000);
            }
            assertThat(size()).isLessThan(2 * full + 4_000_000);
        }
    }

    @Test
    void theRetentionTimeOfAnApplicationIsKept() throws SQLException {
        assertThat(retentionTime("")).isEqualTo(Integer.MAX_VALUE);
        assertThat(retentionTime(";RETENTION_TIME=7000")).isEqualTo(7_000);
    }

    @Test
    void aLogThatCannotBeOpenedLeavesTheSpaceToH2() throws SQLException {
        JdbiStoreConfig config = JdbiStoreConfig.defaults().withSchemaMode(SchemaMode.VALIDATE);
        try (HikariDataSource pool = H2Database.inFile(directory);
                Connection connection = pool.getConnection()) {
            assertThatThrownBy(() -> JdbiMessageStore.open(pool, config)).isInstanceOf(StoreException.class);
            MVStore h2 = store(connection);
            assertThat(h2.getRetentionTime()).isEqualTo(h2.getFileStore().getDefaultRetentionTime());
        }
    }

    /** Retention has deleted the rows by then, and readers must get to know that. */
    @Test
    void aDatabaseThatFailsWhileItsFileIsShrunkDoesNotFailRetention() throws SQLException {
        try (HikariDataSource pool = H2Database.inFile(directory);
                Connection connection = pool.getConnection()) {
            H2Space space = H2Space.of(H2Space.session(connection).getDatabase(), Durability.FSYNC);
            store(connection).closeImmediately();
            assertThatCode(space::shrink).doesNotThrowAnyException();
        }
    }

    private static MVStore store(Connection connection) throws SQLException {
        return H2Space.session(connection).getDatabase().getStore().getMvStore();
    }

    private int retentionTime(String setting) throws SQLException {
        try (HikariDataSource pool = H2Database.inFile(directory, setting);
                MessageStore store = JdbiMessageStore.open(pool);
                Connection connection = pool.getConnection()) {
            store.lastId();
            return store(connection).getRetentionTime();
        }
    }

    private void report(String state, boolean keyed) throws IOException {
        System.out.printf(
                "H2, %s: %,d messages of 100 bytes, %s, %.2f kB a message%n",
                state, MESSAGES, keyed ? "each with a key" : "without keys", size() / 1e3 / MESSAGES);
    }

    private long size() throws IOException {
        return Files.size(directory.resolve("chat.mv.db"));
    }
}
