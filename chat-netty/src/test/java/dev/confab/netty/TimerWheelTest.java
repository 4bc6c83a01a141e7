package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TimerWheelTest {
    private final EventLoop loop = new DefaultEventLoop();

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void actionsRunInOrderAndNeverEarly() throws Exception {
        List<Integer> ran = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(3);
        long start = System.nanoTime();
        loop.submit(() -> {
                    for (int millis : new int[] {450, 0, 210}) {
                        TimerWheel.of(loop).in(millis, () -> {
                            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(millis * 1_000_000L);
                            ran.add(millis);
                            done.countDown();
                        });
                    }
                })
                .sync();

        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(loop.submit(() -> List.copyOf(ran)).get()).containsExactly(0, 210, 450);
    }

    @Test
    void aCancelledActionDoesNotRun() throws Exception {
        List<String> ran = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        loop.submit(() -> {
                    TimerWheel deadlines = TimerWheel.of(loop);
                    Timeout[] both = new Timeout[2];
                    // Both are due at the same time, and the first to run cancels the other.
                    both[0] = deadlines.in(100, () -> {
                        ran.add("first");
                        both[1].cancel();
                    });
                    both[1] = deadlines.in(100, () -> {
                        ran.add("second");
                        both[0].cancel();
                    });
                    Timeout never = deadlines.in(0, () -> ran.add("never"));
                    never.cancel();
                    never.cancel();
                    deadlines.in(300, done::countDown);
                })
                .sync();

        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(loop.submit(() -> List.copyOf(ran)).get()).hasSize(1).doesNotContain("never");
    }

    @Test
    void anActionDueAfterMoreThanATurnWaits() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        List<String> ran = new ArrayList<>();
        loop.submit(() -> {
                    // This timeout is in the same slot of the wheel as the next, one turn later.
                    TimerWheel.of(loop).in(102_400 + 100, () -> ran.add("far"));
                    TimerWheel.of(loop).in(100, () -> ran.add("near"));
                    TimerWheel.of(loop).in(300, done::countDown);
                })
                .sync();

        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(loop.submit(() -> List.copyOf(ran)).get()).containsExactly("near");
    }

    @Test
    void anActionCanScheduleAnotherAndCanFail() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        loop.submit(() -> {
                    TimerWheel.of(loop).in(0, () -> {
                        TimerWheel.of(loop).in(0, done::countDown);
                        throw new IllegalStateException("on purpose");
                    });
                })
                .sync();

        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
