package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Batch;
import dev.confab.core.Gap;
import dev.confab.core.Subscriber;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the example of the README is the compiled code, and that it runs. */
final class ReadmeTest {
    private static final Path README = Path.of("..", "README.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/confab/demo/Embedding.java");

    @Test
    void theExampleIsTheTestedCode() throws IOException {
        String readme = between(Files.readString(README), "<!-- readme:embed -->\n```java\n", "```\n");
        String source = between(Files.readString(SOURCE), "// readme:begin\n", "        // readme:end\n");
        String code =
                source.lines().map(line -> line.replaceFirst("^ {8}", "")).collect(Collectors.joining("\n", "", "\n"));
        assertThat(readme).isEqualTo(code);
        assertThat(readme.lines()).hasSizeLessThan(20);
    }

    @Test
    void theExampleRuns(@TempDir Path directory) throws InterruptedException {
        String url = "jdbc:h2:file:" + directory.resolve("chat");
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        String[] first = new String[1];
        Embedding.run(url, Runnable::run, collectIn(received), () -> first[0] = poll(received));
        assertThat(first[0]).isEqualTo("hello");
    }

    private static Subscriber collectIn(BlockingQueue<String> received) {
        return new Subscriber() {
            @Override
            public void onBatch(Batch batch) {
                batch.entries().forEach(entry -> received.add(entry.message().body()));
            }

            @Override
            public void onGap(Gap gap) {
                received.add(gap.toString());
            }
        };
    }

    private static String poll(BlockingQueue<String> received) {
        try {
            return received.poll(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start);
        assertThat(from).as(start).isNotNegative();
        int to = text.indexOf(end, from + start.length());
        assertThat(to).as(end).isNotNegative();
        return text.substring(from + start.length(), to);
    }
}
