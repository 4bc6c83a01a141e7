package dev.confab.demo;

import static dev.confab.demo.SharedDatabase.bodies;
import static dev.confab.demo.SharedDatabase.publish;
import static dev.confab.demo.SharedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.MessageStore;
import dev.confab.jdbi.JdbiMessageStore;
import dev.confab.jdbi.JdbiStoreConfig;
import dev.confab.jdbi.SchemaMode;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Flyway works in Confab's schema as docs/embedding.md describes. */
@Timeout(120)
class FlywayTest {
    @ParameterizedTest
    @EnumSource
    void flywayMigratesBeforeConfabCreatesItsTables(SharedDatabase kind) throws SQLException {
        DataSource database = kind.open(kind.newUrl());
        application(database).load().migrate();
        try (MessageStore store = JdbiMessageStore.open(database)) {
            publish(store, "hello");
            Flyway again = application(database).load();
            assertThat(again.migrate().migrationsExecuted).isZero();
            again.validate();
            assertThat(bodies(store)).containsExactly("hello");
        }
        assertThat(query(database, "select item from orders")).containsExactly("tea");
    }

    @ParameterizedTest
    @EnumSource
    void flywayMigratesAfterConfabWithABaseline(SharedDatabase kind) throws SQLException {
        DataSource database = kind.open(kind.newUrl());
        try (MessageStore store = JdbiMessageStore.open(database)) {
            publish(store, "hello");
            assertThatThrownBy(() -> application(database).load().migrate())
                    .isInstanceOf(FlywayException.class)
                    .hasMessageContaining("non-empty schema");
            Flyway flyway = application(database)
                    .baselineOnMigrate(true)
                    .baselineVersion("0")
                    .load();
            assertThat(flyway.migrate().migrationsExecuted).isOne();
            flyway.validate();
            assertThat(bodies(store)).containsExactly("hello");
        }
        assertThat(query(database, "select item from orders")).containsExactly("tea");
        JdbiMessageStore.open(database).close();
    }

    @ParameterizedTest
    @EnumSource
    void flywayCreatesConfabsTables(SharedDatabase kind) {
        DataSource database = kind.open(kind.newUrl());
        application(database).load().migrate();
        Flyway tables = Flyway.configure()
                .dataSource(database)
                .locations("classpath:confab/" + kind.directory)
                .table("confab_flyway_history")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load();
        assertThat(tables.migrate().migrationsExecuted).isOne();
        JdbiStoreConfig config = JdbiStoreConfig.defaults().withSchemaMode(SchemaMode.VALIDATE);
        try (MessageStore store = JdbiMessageStore.open(database, config)) {
            publish(store, "hello");
            assertThat(bodies(store)).containsExactly("hello");
        }
        assertThat(tables.migrate().migrationsExecuted).isZero();
    }

    private static FluentConfiguration application(DataSource database) {
        return Flyway.configure().dataSource(database).locations("classpath:application");
    }
}
