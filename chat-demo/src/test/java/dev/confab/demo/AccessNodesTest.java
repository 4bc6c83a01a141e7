package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Nick;
import dev.confab.jdbi.PostgresServer;
import dev.confab.netty.WsClient;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Revocations that reach other nodes. */
@Timeout(60)
final class AccessNodesTest {
    private static final Logger LOG = LoggerFactory.getLogger(AccessNodesTest.class);

    private final String url = PostgresServer.newSchema();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRevocationAtOneNodeClosesTheConnectionsAtAnother(boolean notifies) {
        try (Database one = open(notifies);
                Database two = open(notifies);
                AccessServer here = new AccessServer(one.store(), false, UnaryOperator.identity());
                AccessServer there = new AccessServer(two.store(), false, UnaryOperator.identity());
                WsClient ann = there.socket("?room=a", AccessServer.token("ann", "a"));
                WsClient bob = there.socket("?room=a", AccessServer.token("bob", "a"))) {
            assertThat(ann.text()).contains("hello");
            assertThat(bob.text()).contains("hello");
            long start = System.nanoTime();
            here.access.revoke(new Nick("ann")).join();
            assertThat(ann.closeCode()).isEqualTo(4504);
            LOG.info("Revoked at the other node after {} ms, notifications: {}", millisSince(start), notifies);
            here.publish("a", "still here");
            assertThat(bob.text()).contains("still here");
        }
    }

    @Test
    void aNodeThatStartsLaterDoesNotRepeatOldRevocations() {
        try (Database one = open(true);
                AccessServer here = new AccessServer(one.store(), false, UnaryOperator.identity())) {
            here.access.revoke(new Nick("ann")).join();
            try (Database two = open(true);
                    AccessServer there = new AccessServer(two.store(), false, UnaryOperator.identity());
                    WsClient ann = there.socket("?room=a", AccessServer.token("ann", "a"))) {
                assertThat(ann.text()).contains("hello");
                here.publish("a", "news");
                assertThat(ann.text()).contains("news");
            }
        }
    }

    private Database open(boolean notifies) {
        DatabaseUrl database = DatabaseOption.parse("--database-url", url);
        return Database.open(
                database, Notifications.of(notifies, notifies ? url : null).open(database));
    }

    private static long millisSince(long start) {
        return (System.nanoTime() - start) / 1_000_000;
    }
}
