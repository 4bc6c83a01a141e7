package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.StoreCalls;
import dev.confab.core.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class H2FileTest {
    private static final int STATES = 40;

    @TempDir
    private Path directory;

    @TempDir
    private Path killed;

    /**
     * Each copy equals the file that a kill at that moment would leave. With the setting, H2 on its own opens about a
     * third of the copies in an older state than their newest commit.
     */
    @Test
    void theNewestCommitIsFoundAfterAKillAtAnyTime() throws IOException, SQLException {
        try (HikariDataSource database = H2Database.inFile(directory, ";RETENTION_TIME=0");
                MessageStore store = JdbiMessageStore.open(
                        // With this setting only an append writes, so no other thread writes in the middle of a copy.
                        database, JdbiStoreConfig.defaults().withDurability(Durability.OS))) {
            for (int i = 0; i < STATES; i++) {
                Message newest = StoreCalls.publish(store, StoreCalls.A, "x".repeat(i % 4 == 0 ? 2_000 : i));
                Files.copy(fileIn(directory), fileIn(killed), StandardCopyOption.REPLACE_EXISTING);
                assertThat(lastIdIn(killed)).as("state " + i).isEqualTo(newest.id());
            }
        }
    }

    /**
     * If H2 reused results, about one in 100,000 reads that run concurrently with a trim would get the trim mark from
     * before the trim and the rows from after the trim. {@code RaceContract} detects that only occasionally.
     */
    @Test
    void h2DoesNotReuseResults() throws SQLException {
        try (HikariDataSource database = H2Database.inFile(directory);
                MessageStore store = JdbiMessageStore.open(database);
                Connection connection = database.getConnection()) {
            assertThat(store.isShared()).isFalse();
            SessionLocal session =
                    (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
            assertThat(session.getDatabase().getOptimizeReuseResults()).isFalse();
        }
    }

    @Test
    void aCleanlyClosedFileIsLeftUnchanged() throws IOException {
        closedDatabase();
        byte[] before = Files.readAllBytes(fileIn(directory));
        H2File.recover(H2Database.urlOf(directory));
        assertThat(Files.readAllBytes(fileIn(directory))).isEqualTo(before);
    }

    @Test
    void aFileInUseIsRefused() {
        try (HikariDataSource database = H2Database.inFile(directory);
                MessageStore store = JdbiMessageStore.open(database)) {
            StoreCalls.publish(store, StoreCalls.A, "hello");
            assertThatThrownBy(() -> H2File.recover(H2Database.urlOf(directory)))
                    .isInstanceOf(StoreException.class)
                    .hasMessageStartingWith("database: The file is locked: " + fileIn(directory));
        }
    }

    @Test
    void aFileThatIsNotADatabaseIsRefused() throws IOException {
        Files.writeString(fileIn(directory), "H2encrypt");
        assertThatThrownBy(() -> H2File.recover(H2Database.urlOf(directory)))
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("database: ");
    }

    @Test
    void aStoreRefusesAFileThatH2OpenedWithoutRecovery() {
        JdbcDataSource database = new JdbcDataSource();
        database.setUrl(H2Database.urlOf(directory));
        assertThatThrownBy(() -> JdbiMessageStore.open(database))
                .isInstanceOf(StoreException.class)
                .hasMessage("dataSource: opened " + directory.resolve("chat")
                        + " by itself (expected: by the URL that H2File.recover returns)");
        database.setUrl(H2File.recover(H2Database.urlOf(directory)));
        JdbiMessageStore.open(database).close();
    }

    @Test
    void aFileCanBeOpenedByDifferentNames() throws IOException {
        Files.createSymbolicLink(killed.resolve("link"), directory);
        JdbcDataSource database = new JdbcDataSource();
        database.setUrl(H2File.recover("jdbc:h2:" + killed + "/../" + killed.getFileName() + "/./link/chat"));
        JdbiMessageStore.open(database).close();
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:h2:mem:, jdbc:h2:mem:;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;MAX_COMPACT_TIME=0",
        "jdbc:h2:mem:a, jdbc:h2:mem:a;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;MAX_COMPACT_TIME=0",
        "jdbc:h2:file:./no/such, jdbc:h2:file:./no/such;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;MAX_COMPACT_TIME=0",
        "jdbc:h2:~/no/such;CACHE_SIZE=1,"
                + " jdbc:h2:~/no/such;CACHE_SIZE=1;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;MAX_COMPACT_TIME=0",
        "jdbc:h2:C:/no/such;Db_Close_On_Exit=true,"
                + " jdbc:h2:C:/no/such;Db_Close_On_Exit=true;TRACE_LEVEL_FILE=0;MAX_COMPACT_TIME=0",
    })
    void theUrlKeepsTheDatabaseOpenUntilTheLastAppend(String url, String expected) {
        assertThat(H2File.recover(url)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:h2:tcp://localhost/./chat",
                "jdbc:h2:split:./chat",
                "jdbc:h2:file:zip:./chat",
                "jdbc:h2:",
                "jdbc:postgresql://localhost/chat",
                "memory"
            })
    void otherKindsOfDatabasesAreRefused(String url) {
        assertThatThrownBy(() -> H2File.recover(url + ";PASSWORD=secret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("url: " + url + " (expected: jdbc:h2:file:… or jdbc:h2:mem:…, without CIPHER)");
    }

    @ParameterizedTest
    @CsvSource({
        "jdbc:h2:tcp://sa:sec/ret@localhost/./chat, jdbc:h2:…",
        "jdbc:h2:tcp://localhost/./chat?password=secret, jdbc:h2:…",
        "jdbc:postgresql://ops:secret@localhost/chat, jdbc:postgresql:…",
        "jdbc:postgresql://ops:secret, jdbc:postgresql:…",
        "postgres://ops:secret@localhost/chat, …"
    })
    void theRefusalOfAUrlShowsNoSecret(String url, String shown) {
        assertThatThrownBy(() -> H2File.recover(url))
                .hasMessage("url: " + shown + " (expected: jdbc:h2:file:… or jdbc:h2:mem:…, without CIPHER)");
    }

    @Test
    void anEncryptedFileIsRefused() {
        assertThatThrownBy(() -> H2File.recover("jdbc:h2:./chat;cipher=AES"))
                .hasMessage("url: jdbc:h2:./chat (expected: jdbc:h2:file:… or jdbc:h2:mem:…, without CIPHER)");
    }

    private void closedDatabase() {
        try (HikariDataSource database = H2Database.inFile(directory);
                MessageStore store = JdbiMessageStore.open(database)) {
            StoreCalls.publish(store, StoreCalls.A, "hello");
        }
    }

    private static MessageId lastIdIn(Path directory) throws SQLException {
        JdbcDataSource database = new JdbcDataSource();
        database.setUrl(H2File.recover(H2Database.urlOf(directory)));
        try (Connection connection = database.getConnection();
                MessageStore store = JdbiMessageStore.open(database)) {
            MessageId last = store.lastId();
            // The next copy replaces the file, so the database is closed without tidying up.
            connection.createStatement().execute("shutdown immediately");
            return last;
        }
    }

    private static Path fileIn(Path directory) {
        return directory.resolve("chat.mv.db");
    }
}
