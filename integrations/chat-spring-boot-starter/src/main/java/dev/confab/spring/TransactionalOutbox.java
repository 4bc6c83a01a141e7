package dev.confab.spring;

import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.jdbi.Outbox;
import java.sql.Connection;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** The outbox in Spring's transactions. Immutable, and safe for any thread. */
record TransactionalOutbox(JdbcTemplate database, Outbox outbox) {
    void enqueue(Draft draft, ChatService chat) {
        if (!TransactionSynchronizationManager.isActualTransactionActive()) {
            throw noTransaction();
        }
        database.execute((Connection connection) -> {
            if (connection.getAutoCommit()) {
                // A transaction of another DataSource is running.
                throw noTransaction();
            }
            outbox.enqueue(connection, draft);
            return true;
        });
        TransactionSynchronizationManager.registerSynchronization(new Release(chat));
    }

    private static IllegalStateException noTransaction() {
        return new IllegalStateException(
                "transaction: none of the log's DataSource (expected: a call inside of @Transactional)");
    }

    /** Equal for all messages of a transaction, so that a transaction keeps one, and not one for each message. */
    record Release(ChatService chat) implements TransactionSynchronization {
        @Override
        public void afterCommit() {
            chat.pollOutbox();
        }
    }
}
