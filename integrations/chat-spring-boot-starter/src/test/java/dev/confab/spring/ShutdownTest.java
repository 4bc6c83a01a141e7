package dev.confab.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.jdbc.core.JdbcTemplate;

/** An application in a process of its own, which gets SIGTERM while clients publish. */
final class ShutdownTest {
    private static final Pattern READY = Pattern.compile("Listening on port (\\d+)");
    private static final int PUBLISHERS = 4;
    private static final int BEFORE_THE_SIGNAL = 200;

    /** The exit status of a JVM that SIGTERM has ended. */
    private static final int TERMINATED = 143;

    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
    /** Threads of their own, because the common pool may have only one. */
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private final CountDownLatch load = new CountDownLatch(BEFORE_THE_SIGNAL);

    @Test
    void aShutdownUnderLoadKeepsEachAcknowledgedMessageOnce(@TempDir Path directory) throws Exception {
        String url = "--spring.datasource.url=jdbc:h2:file:" + directory.resolve("app");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Application.class.getName(),
                        url)
                .redirectErrorStream(true)
                .start();
        try {
            BufferedReader output = process.inputReader();
            URI messages = URI.create("http://127.0.0.1:" + port(output) + "/messages?room=orders");
            threads.execute(() -> discard(output));
            CompletableFuture<?>[] publishers = IntStream.range(0, PUBLISHERS)
                    .mapToObj(i -> CompletableFuture.runAsync(() -> publish(messages, i), threads))
                    .toArray(CompletableFuture[]::new);
            load.await();
            process.destroy();
            CompletableFuture.allOf(publishers).get(60, TimeUnit.SECONDS);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(TERMINATED);
        } finally {
            threads.shutdown();
            process.destroyForcibly();
        }
        assertThat(statuses).isSubsetOf(201, 503);
        try (var restarted = SpringApplication.run(Application.class, url)) {
            List<String> stored =
                    restarted.getBean(JdbcTemplate.class).queryForList("select body from confab_message", String.class);
            assertThat(stored).containsAll(acknowledged).doesNotHaveDuplicates();
        }
    }

    private static String port(BufferedReader output) throws IOException {
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher ready = READY.matcher(line);
            if (ready.find()) {
                return ready.group(1);
            }
        }
        throw new AssertionError("the application did not start");
    }

    /** Reads on, so that the process never waits for space in the pipe. */
    private static void discard(BufferedReader output) {
        try {
            output.transferTo(Writer.nullWriter());
        } catch (IOException e) {
            // The pipe is closed when the process ends.
        }
    }

    /** Publishes until the server refuses a message or a connection. */
    private void publish(URI messages, int publisher) {
        HttpClient http = HttpClient.newHttpClient();
        int status = 201;
        for (int i = 0; status == 201; i++) {
            String body = publisher + "-" + i;
            HttpRequest request = HttpRequest.newBuilder(messages)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"body\":\"" + body + "\"}"))
                    .build();
            try {
                status = http.send(request, BodyHandlers.ofString()).statusCode();
            } catch (IOException e) {
                // The server has closed its port.
                return;
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            }
            statuses.add(status);
            if (status == 201) {
                acknowledged.add(body);
                load.countDown();
            }
        }
    }
}
