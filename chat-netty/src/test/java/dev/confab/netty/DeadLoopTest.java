package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** Tests of an event loop that ends with an error such as an OutOfMemoryError, or that hangs. */
@EnabledIf("io.netty.channel.epoll.Epoll#isAvailable")
final class DeadLoopTest {
    private static final ChatServerConfig CONFIG = ServerFixture.CONFIG
            .withEventLoops(1)
            .withIo(IoTransport.EPOLL)
            .withDrain(Duration.ZERO, Duration.ofMillis(50));

    private final ServerFixture fixture = new ServerFixture(CONFIG, HttpConfig.defaults());

    @Test
    void theErrorThatEndsALoopIsReported() throws Exception {
        CompletableFuture<Throwable> failure = fixture.server.failure().toCompletableFuture();
        try (fixture) {
            killTheLoop();

            assertThat(failure.get(RawHttp.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isInstanceOf(OutOfMemoryError.class)
                    .hasMessage("planted");
        }
    }

    @Test
    void closeReturnsThoughTheListenerAndAConnectionAreOnTheDeadLoop() throws Exception {
        EventLoop loop = killTheLoop();
        loop.terminationFuture().await(RawHttp.PATIENCE.toSeconds(), TimeUnit.SECONDS);

        CompletableFuture<Void> closed = CompletableFuture.runAsync(fixture::close);

        closed.get(RawHttp.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void closeReturnsThoughTheLoopHangs() throws Exception {
        CountDownLatch hung = new CountDownLatch(1);
        loop().execute(() -> {
            try {
                hung.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        CompletableFuture<Void> closed = CompletableFuture.runAsync(fixture::close);

        closed.get(RawHttp.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        hung.countDown();
    }

    @Test
    void closingReportsNoFailure() {
        CompletableFuture<Throwable> failure = fixture.server.failure().toCompletableFuture();

        fixture.close();

        assertThat(failure).isNotDone();
    }

    private EventLoop killTheLoop() throws Exception {
        EventLoop loop = loop();
        PlantedFailure.in(loop);
        return loop;
    }

    private EventLoop loop() throws InterruptedException {
        try (RawHttp client = fixture.connect()) {
            client.get("/park");
            return fixture.lot.next().channel().eventLoop();
        }
    }
}
