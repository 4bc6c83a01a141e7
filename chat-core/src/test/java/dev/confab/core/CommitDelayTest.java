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

    /** In each round three drafts are published in quick succession. The first append waits for the later drafts. */
    @Test
    void draftsPublishedTogetherAreAppendedTogether() {
        ScriptedStore store = new ScriptedStore();
        try (ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            int together = 0;
            for (int round = 0; round < ROUNDS; round++) {
                appendThreeSlowly(store, chat);
                int before = store.appends().size();
                List<CompletableFuture<Published>> answers = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    spin(500_000);
                    answers.add(chat.publish(draft(round + "." + i)));
                }
                answers.forEach(CompletableFuture::join);
                together += store.appends().size() == before + 1 ? 1 : 0;
            }
            // All rounds would succeed on an idle machine, but a busy machine can delay a draft by milliseconds.
            assertThat(together).isGreaterThan(ROUNDS / 4);
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

    private static void appendThreeSlowly(ScriptedStore store, ChatService chat) {
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
        second.open();
        answers.forEach(CompletableFuture::join);
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
