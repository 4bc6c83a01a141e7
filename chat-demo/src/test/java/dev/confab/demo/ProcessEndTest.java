package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.RawHttp;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Tests that a process ends even when its shutdown hangs or fails, or when an event loop fails. */
final class ProcessEndTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void aCleanShutdownHasStatusZeroAndPrintsNothing() {
        assertThat(ProcessEnd.close(() -> {}, ProcessEnd.LIMIT, err)).isZero();
        assertThat(lines()).isEmpty();
    }

    @Test
    void aHangingShutdownIsAbandonedAtTheTimeLimit() {
        CountDownLatch never = new CountDownLatch(1);

        assertThat(ProcessEnd.close(never::await, Duration.ofMillis(1_100), err))
                .isOne();

        assertThat(lines()).containsExactly("serve: the shutdown did not end within 1 s: the process ends now");
        never.countDown();
    }

    @Test
    void aFailedShutdownPrintsOneLine() {
        int status = ProcessEnd.close(
                () -> {
                    throw new OutOfMemoryError("planted");
                },
                ProcessEnd.LIMIT,
                err);

        assertThat(status).isOne();
        assertThat(lines()).containsExactly("serve: the shutdown failed: java.lang.OutOfMemoryError: planted");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void anEventLoopThatFailsEndsTheProcessWithOneLine() {
        try (ServerProcess server = new ServerProcess(List.of(), FailingNode.class, Map.of())) {
            server.port();
            assertThat(server.status()).isOne();
            assertThat(server.err().lines())
                    .containsExactly("serve: an event loop failed, and the process ends:"
                            + " java.lang.OutOfMemoryError: planted");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void withoutFileDescriptorsClientsWaitAndOneLineIsLogged() throws Exception {
        int files = 300;
        List<String> limited = List.of("bash", "-c", "ulimit -n " + files + "; exec \"$@\"", "bash");
        List<RawHttp> clients = new ArrayList<>();
        try (ServerProcess server = new ServerProcess(
                limited, Main.class, Map.of(), "serve", "--port", "0", "--database-url", "memory", "--no-warm-up")) {
            int port = server.port();
            // In this test each class is a separate file. The classes that a connection needs are loaded here, before
            // the file descriptors run out. The warm-up would load further classes later.
            try (RawHttp first = new RawHttp(port)) {
                assertThat(first.get("/health").read().status()).isEqualTo(200);
            }
            for (int i = 0; i < files; i++) {
                clients.add(new RawHttp(port));
            }
            server.awaitErr("Too many open files");
            clients.forEach(RawHttp::close);
            try (RawHttp late = new RawHttp(port)) {
                assertThat(late.get("/health").read().status()).isEqualTo(200);
            }
            // The start logs another line, which is left out.
            assertThat(server.err().lines().filter(line -> !line.contains(" INFO ServeCommand ")))
                    .singleElement()
                    .asString()
                    .contains("WARN Acceptor - New connections have to wait: ")
                    .contains("Too many open files (attempts since the last report: 1)");
        }
    }

    private List<String> lines() {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
