package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class PageTurnsTest {
    private final ManualExecutor threads = new ManualExecutor();
    private final PageTurns turns = new PageTurns(threads, 2, 3);
    private final List<String> done = new ArrayList<>();

    @Test
    void aShortReadDoesNotWaitForAllPages() {
        execute("a", "b", "c", "d");
        threads.execute(() -> done.add("short"));
        threads.runAll();
        assertThat(done).containsExactly("a", "b", "short", "c", "d");
    }

    @Test
    void onlyAFewPagesAreReadAtATime() {
        execute("a", "b", "c", "d");
        assertThat(threads.size()).isEqualTo(2);
        threads.runOne();
        assertThat(threads.size()).isEqualTo(2);
        threads.runAll();
        execute("e", "f", "g");
        assertThat(threads.size()).isEqualTo(2);
    }

    @Test
    void aPageIsRejectedWhenTooManyWait() {
        execute("a", "b", "c", "d", "e");
        assertThatThrownBy(() -> execute("f")).isInstanceOf(RejectedExecutionException.class);
        threads.runAll();
        execute("g");
        threads.runAll();
        assertThat(done).containsExactly("a", "b", "c", "d", "e", "g");
    }

    @Test
    void aPageThatFailsGivesTheTurnToTheNext() {
        turns.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        execute("a", "b");
        assertThatThrownBy(threads::runOne).isInstanceOf(IllegalStateException.class);
        threads.runAll();
        assertThat(done).containsExactly("a", "b");
    }

    @Test
    void waitingPagesAreReadThoughTheThreadsAcceptNoMore() {
        List<Runnable> accepted = new ArrayList<>();
        PageTurns ending = new PageTurns(
                task -> {
                    if (!accepted.isEmpty()) {
                        throw new RejectedExecutionException();
                    }
                    accepted.add(task);
                },
                1,
                3);
        List.of("a", "b", "c").forEach(name -> ending.execute(() -> done.add(name)));
        accepted.get(0).run();
        assertThat(done).containsExactly("a", "b", "c");
    }

    private void execute(String... names) {
        for (String name : names) {
            turns.execute(() -> done.add(name));
        }
    }
}
