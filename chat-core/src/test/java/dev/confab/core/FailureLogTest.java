package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The log lines that an outage writes. */
final class FailureLogTest {
    private final List<String> lines = new ArrayList<>();
    private long seconds;
    private final FailureLog log = new FailureLog(lines::add, () -> TimeUnit.SECONDS.toNanos(seconds));

    @Test
    void theCauseIsLoggedOnceAndThenCounted() {
        for (int i = 0; i < 600; i++) {
            seconds = i / 5;
            log.failed("appending", unavailable("server " + i + " is shutting down", "57P03"));
        }
        assertThat(lines)
                .containsExactly(
                        "The store fails at appending: server 0 is shutting down",
                        "The store fails at appending: server 300 is shutting down, and 299 times more"
                                + " since the last such line");
    }

    @Test
    void eachCauseHasItsOwnLine() {
        log.failed("appending", unavailable("terminated", "57P01"));
        log.failed("reading", unavailable("terminated", "57P01"));
        log.failed("appending", unavailable("refused", "08001"));
        log.failed("joins", new ChatException(Reason.UNAVAILABLE, "the store cannot be reached"));
        log.failed("joins", new ChatException(Reason.UNAVAILABLE, "the store cannot be reached"));
        assertThat(lines)
                .containsExactly(
                        "The store fails at appending: terminated",
                        "The store fails at appending: refused",
                        "The store fails at joins: the store cannot be reached");
    }

    @Test
    void theEndOfTheFailuresWritesALine() {
        log.failed("appending", unavailable("refused", "08001"));
        log.failed("reading", unavailable("refused", "08001"));
        seconds = 12;
        log.succeeded("reading");
        assertThat(lines).hasSize(1);
        log.succeeded("appending");
        log.succeeded("appending");
        assertThat(lines).hasSize(2).endsWith("The store works again after 12 s, in which it failed 2 times");
    }

    /** While one room's page is damaged and other rooms are readable, failures and successes alternate. */
    @Test
    void aStoreThatKeepsFailingAndRecoveringWritesTwoLinesAMinute() {
        for (int i = 0; i < 1_000; i++) {
            log.failed("reading", unavailable("damaged", "XX001"));
            log.succeeded("reading");
        }
        assertThat(lines).hasSize(2);
    }

    private static StoreException unavailable(String summary, String group) {
        return new StoreException(
                StoreException.Kind.UNAVAILABLE,
                "store: not available",
                null,
                new StoreException.Diagnosis(Health.UNREACHABLE, summary, group));
    }
}
