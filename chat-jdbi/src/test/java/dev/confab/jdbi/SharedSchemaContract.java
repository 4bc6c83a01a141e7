package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.MessageStore;
import dev.confab.core.MessageStoreContract;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/**
 * Runs the contract of a store whose settings name a schema and a table prefix, next to an application's tables in that
 * schema.
 */
abstract class SharedSchemaContract extends MessageStoreContract {
    private final SchemaDatabase database;
    private final HikariDataSource connections;
    private final List<String> before;

    /** @param elsewhere the end of the URL of connections that have another current schema or none */
    SharedSchemaContract(SchemaDatabase database, String elsewhere) {
        this.database = database;
        this.connections = new HikariDataSource();
        connections.setJdbcUrl(database.pool.getJdbcUrl() + elsewhere);
        ApplicationTables.create(database.pool);
        this.before = dump();
    }

    @Override
    protected final MessageStore open(InstantSource clock) {
        return JdbiMessageStore.open(
                connections,
                JdbiStoreConfig.defaults()
                        .withClock(clock)
                        .withSchema(database.schema())
                        .withTablePrefix("chat_"));
    }

    @AfterEach
    void tablesOfTheApplicationAreUntouched() {
        assertThat(dump()).isEqualTo(before);
        connections.close();
        database.close();
    }

    private List<String> dump() {
        try {
            return database.dump(ApplicationTables.NAMES);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
