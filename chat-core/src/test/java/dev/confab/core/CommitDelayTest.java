package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CommitDelayTest {
    private static final int ROUNDS = 40;

    @Test
    void theDelayWaitsForTheLastBatchSizeAndHalfTheLastAppendTime() {
        CommitDelay commitDelay = new CommitDelay();
        assertThat(commitDelay.expected()).isLessThanOrEqualTo(1);

        commitDelay.appended(7, 3_000_000);
        assertThat(commitDelay.expected()).isEqualTo(7);
        assertThat(commitDelay.nanos()).isEqualTo(1_500_000);

        commitDelay.appended(7, TimeUnit.SECONDS.toNanos(1));
        assertThat(commitDelay.nanos()).isEqualTo(CommitDelay.MAX_NANOS);
    }

    /**
     * In each round three drafts are published in quick succession. The first append waits for the later drafts. The
     * delay begins after {@link #appendThreeSlowly} has let the last append return, so drafts that come within the
     * delay from then on are certainly in time. A busy machine makes other rounds, which show nothing.
     */
    @Test
    void draftsPublishedTogetherAreAppendedTogether() {
        ScriptedStore store = new ScriptedStore();
        // The regular tasks of a node would end a delay.
        try (ChatService chat = new ManualTimer().start(store, ChatConfig.defaults())) {
            for (int inTime = 0; inTime < ROUNDS / 4; ) {
                long delayBegins = appendThreeSlowly(store, chat);
                int before = store.appends().size();
                List<CompletableFuture<Published>> answers = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    spin(500_000);
                    answers.add(chat.publish(draft("together " + i)));
                }
                boolean isInTime = System.nanoTime() - delayBegins < CommitDelay.MAX_NANOS;
                answers.forEach(CompletableFuture::join);
                if (isInTime) {
                    inTime++;
                    assertThat(store.appends()).hasSize(before + 1);
                }
            }
        }
    }

    /** The delay expects three drafts, but only one is published. */
    @Test
    void aDraftThatComesAloneIsAppendedAllTheSame() {
        ScriptedStore store = new ScriptedStore();
        try (ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            for (int round = 0; round < ROUNDS; round++) {
                appendThreeSlowly(store, chat);
                assertThat(chat.publish(draft("alone")).join().entry().id()).isEqualTo(chat.head());
            }
        }
    }

    /**
     * Appends three drafts in one batch, and takes so long that the next delay is the longest one.
     *
     * @return a time before the beginning of that delay
     */
    private static long appendThreeSlowly(ScriptedStore store, ChatService chat) {
        Gate first = store.holdAppends();
        List<CompletableFuture<Published>> answers = new ArrayList<>();
        answers.add(chat.publish(draft("first")));
        first.awaitEntered();
        Gate second = store.holdAppends();
        for (int i = 0; i < 3; i++) {
            answers.add(chat.publish(draft("then " + i)));
        }
        first.open();
        second.awaitEntered();
        spin(2 * CommitDelay.MAX_NANOS);
        long delayBegins = System.nanoTime();
        second.open();
        answers.forEach(CompletableFuture::join);
        return delayBegins;
    }

    /** Spins for the given time, because the test needs real time to pass. */
    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }

    private static Draft draft(String body) {
        return Draft.of(Room.LOBBY, body);
    }
}
