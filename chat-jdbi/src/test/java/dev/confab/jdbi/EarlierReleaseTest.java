package dev.confab.jdbi;

import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.bodies;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.Draft;
import dev.confab.core.MessageStore;
import dev.confab.core.MessageStore.Outcome;
import dev.confab.core.Nick;
import dev.confab.core.Participant;
import dev.confab.core.Room;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens logs that were written by the last release before version 4 of the schema. Each contains three messages of ann
 * with keys, a participant whose node was killed, and a row in the outbox.
 */
class EarlierReleaseTest {
    private static final Room LOBBY = new Room("lobby");

    /** A time shortly after the release wrote the messages, so that their keys are still known. */
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-27T23:00:00Z"));

    @Test
    void everythingInAnH2FileIsKept(@TempDir Path directory) throws IOException {
        try (InputStream file = resource("version3.mv.db")) {
            Files.copy(file, directory.resolve("chat.mv.db"));
        }
        try (HikariDataSource database = new HikariDataSource()) {
            database.setJdbcUrl(H2File.recover(H2Database.urlOf(directory)));
            database.setUsername("sa");
            assertEverythingIsThere(database);
        }
    }

    @Test
    void everythingInAPostgresSchemaIsKept() throws IOException, SQLException {
        try (PostgresSchemaDatabase database = new PostgresSchemaDatabase();
                InputStream dump = resource("version3.sql")) {
            database.execute(new String(dump.readAllBytes(), StandardCharsets.UTF_8));
            assertEverythingIsThere(database.pool);
            database.assertIsAsNew();
        }
    }

    private static void assertEverythingIsThere(HikariDataSource database) {
        MessageStore store =
                JdbiMessageStore.open(database, JdbiStoreConfig.defaults().withClock(CLOCK));
        assertThat(bodies(all(store, LOBBY))).containsExactly("kept 1", "kept 2", "kept 3", "");
        assertThat(store.participants(LOBBY)).containsExactly(new Participant(LOBBY, new Nick("bob")));
        assertThat(store.takeOutbox()).isNotNull();
        assertThat(bodies(all(store, LOBBY))).containsExactly("kept 1", "kept 2", "kept 3", "", "from the outbox");
        List<Outcome> repeated = store.append(NODE, List.of(Draft.of(LOBBY, new Nick("ann"), "kept 2", "key-2")))
                .outcomes();
        assertThat(repeated).hasOnlyElementsOfType(Outcome.Known.class);
        assertThat(store.expireNodes(NODE, true)).isNotNull();
        assertThat(store.participants(LOBBY)).isEmpty();
    }

    private static InputStream resource(String name) {
        return Objects.requireNonNull(EarlierReleaseTest.class.getResourceAsStream(name), name);
    }
}
