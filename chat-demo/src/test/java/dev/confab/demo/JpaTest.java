package dev.confab.demo;

import static dev.confab.demo.SharedDatabase.bodies;
import static dev.confab.demo.SharedDatabase.publish;
import static dev.confab.demo.SharedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageStore;
import dev.confab.jdbi.JdbiMessageStore;
import dev.confab.jdbi.JdbiStoreConfig;
import dev.confab.jdbi.SchemaMode;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.hibernate.SessionFactory;
import org.hibernate.cfg.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A JPA application whose entity is called Entry creates and updates its own tables, and leaves Confab's alone. */
@Timeout(120)
class JpaTest {
    /** An entity of the application. */
    @Entity(name = "Entry")
    static class Entry {
        @Id
        int id;

        @Nullable
        String title;
    }

    @ParameterizedTest
    @CsvSource({"H2, update", "H2, create", "POSTGRESQL, update", "POSTGRESQL, create"})
    void entityNamedEntryLeavesTheLogAlone(SharedDatabase kind, String ddlAuto) throws SQLException {
        String url = kind.newUrl();
        DataSource database = kind.open(url);
        try (MessageStore store = JdbiMessageStore.open(database)) {
            publish(store, "before");
            saveEntry(url, ddlAuto, 1);
            publish(store, "between");
            saveEntry(url, ddlAuto, 2);
            publish(store, "after");
            assertThat(bodies(store)).containsExactly("before", "between", "after");
        }
        assertThat(query(database, "select title from Entry order by id"))
                .containsExactly(
                        ddlAuto.equals("create") ? new String[] {"entry 2"} : new String[] {"entry 1", "entry 2"});
        JdbiStoreConfig config = JdbiStoreConfig.defaults().withSchemaMode(SchemaMode.VALIDATE);
        try (MessageStore store = JdbiMessageStore.open(database, config)) {
            assertThat(bodies(store)).containsExactly("before", "between", "after");
        }
    }

    private static void saveEntry(String url, String ddlAuto, int id) {
        try (SessionFactory sessions = new Configuration()
                .addAnnotatedClass(Entry.class)
                .setProperty("hibernate.connection.url", url)
                .setProperty("hibernate.hbm2ddl.auto", ddlAuto)
                .buildSessionFactory()) {
            sessions.inTransaction(session -> {
                Entry entry = new Entry();
                entry.id = id;
                entry.title = "entry " + id;
                session.persist(entry);
            });
        }
    }
}
