package dev.confab.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.Draft;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.jdbi.JdbiMessageStore;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The starter in an application that has a DataSource and tables of its own, which Flyway creates. */
@SpringBootTest(classes = Application.class)
abstract class StarterContract {
    @Autowired
    MessageStore store;

    @Autowired
    ConfabTemplate chat;

    @Autowired
    Application.Orders orders;

    @Autowired
    JdbcTemplate database;

    @Autowired
    TransactionTemplate transactions;

    @Autowired
    HealthIndicator confabHealthIndicator;

    @Autowired
    ConfabServer server;

    @Test
    void theLogIsInTheDatabaseOfTheApplication() throws Exception {
        assertThat(store).isInstanceOf(JdbiMessageStore.class);
        MessageId id =
                chat.publish(Draft.of(Application.ROOM, "stored")).entry().id();
        assertThat(database.queryForList("select body from confab_message", String.class))
                .contains("stored");
        HttpResponse<String> history = Http.to(server).get("/messages?room=orders&wait=0");
        assertThat(history.statusCode()).isEqualTo(200);
        assertThat(history.body()).contains(id.toString(), "\"body\":\"stored\"");
    }

    @Test
    void aWaitingPollGetsTheMessageOfACommittedTransaction() throws Exception {
        MessageId before =
                chat.publish(Draft.of(Application.ROOM, "before")).entry().id();
        CompletableFuture<HttpResponse<String>> poll =
                Http.to(server).begin("/messages?room=orders&wait=20&after=" + before);
        orders.place("a book");
        assertThat(poll.get(20, TimeUnit.SECONDS).body()).contains("\"body\":\"a book\"");
        assertThat(database.queryForList("select item from orders", String.class))
                .contains("a book");
    }

    @Test
    void aTransactionThatRollsBackPublishesNothing() throws Exception {
        MessageId before =
                chat.publish(Draft.of(Application.ROOM, "before")).entry().id();
        assertThatThrownBy(() -> orders.fail("a ghost")).isInstanceOf(UnsupportedOperationException.class);
        CompletableFuture<HttpResponse<String>> poll =
                Http.to(server).begin("/messages?room=orders&wait=20&after=" + before);
        orders.place("a pen");
        assertThat(poll.get(20, TimeUnit.SECONDS).body())
                .contains("\"body\":\"a pen\"")
                .doesNotContain("a ghost");
    }

    @Test
    void aTransactionLooksAtTheOutboxOnceAfterItsCommit() {
        long releases = transactions.execute(status -> {
            chat.enqueue(Draft.of(Application.ROOM, "first"));
            chat.enqueue(Draft.of(Application.ROOM, "second"));
            return TransactionSynchronizationManager.getSynchronizations().stream()
                    .filter(TransactionalOutbox.Release.class::isInstance)
                    .count();
        });
        assertThat(releases).isEqualTo(1);
    }

    @Test
    void enqueueWithoutATransactionIsRefused() {
        assertThatThrownBy(() -> chat.enqueue(Draft.of(Application.ROOM, "lost")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("transaction: none of the log's DataSource (expected: a call inside of @Transactional)");
    }

    @Test
    void theHealthOfTheLogIsPartOfTheHealthOfTheApplication() {
        assertThat(confabHealthIndicator.health().getStatus()).isEqualTo(Status.UP);
    }
}
