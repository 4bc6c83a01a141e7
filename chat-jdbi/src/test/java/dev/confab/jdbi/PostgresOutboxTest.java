package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.Draft;
import dev.confab.core.MessageStore;
import dev.confab.core.StoreCalls;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class PostgresOutboxTest extends OutboxContract {
    PostgresOutboxTest() {
        super(PostgresServer.pool(PostgresServer.newSchema()));
    }

    @Test
    void thePrivilegeToInsertIsSufficient() throws SQLException {
        String url = database.getJdbcUrl();
        String schema = url.substring(url.indexOf("currentSchema=") + "currentSchema=".length());
        String user = "writer_" + schema;
        PostgresServer.execute(url, "create role " + user + " login");
        PostgresServer.execute(url, "grant usage on schema " + schema + " to " + user);
        try (Connection stranger = PostgresServer.unpooled(url.replace("user=postgres", "user=" + user))
                .getConnection()) {
            assertThatThrownBy(() -> OUTBOX.enqueue(stranger, Draft.of(StoreCalls.A, "not yet")))
                    .isInstanceOf(SQLException.class);
            PostgresServer.execute(url, "grant insert on confab_outbox to " + user);
            OUTBOX.enqueue(stranger, Draft.of(StoreCalls.A, "may"));
        }
        try (MessageStore store = JdbiMessageStore.open(PostgresServer.unpooled(url))) {
            store.takeOutbox();
            assertThat(StoreCalls.bodies(StoreCalls.all(store, StoreCalls.A))).containsExactly("may");
        }
    }
}
