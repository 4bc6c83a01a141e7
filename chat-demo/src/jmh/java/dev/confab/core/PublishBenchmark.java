package dev.confab.core;

import dev.confab.jdbi.H2File;
import dev.confab.jdbi.JdbiMessageStore;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Publishing so many messages at once and waiting until the last is acknowledged: what group commit makes of it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PublishBenchmark {
    private static final String TEXT = "x".repeat(100);

    @Param({"memory", "h2"})
    String store;

    @Param({"1", "16", "256"})
    int messages;

    private Path directory;
    private HikariDataSource pool;
    private ChatService chat;
    private MessageStore opened;
    private CompletableFuture<?>[] answers;

    @Setup(Level.Trial)
    public void open() throws IOException {
        answers = new CompletableFuture<?>[messages];
        if (store.equals("memory")) {
            opened = new InMemoryMessageStore();
        } else {
            directory = Files.createTempDirectory("confab-jmh");
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(H2File.recover("jdbc:h2:file:" + directory.resolve("chat") + ";DB_CLOSE_ON_EXIT=FALSE"));
            pool = new HikariDataSource(config);
            opened = JdbiMessageStore.open(pool);
        }
        chat = new ChatService(opened, ChatConfig.defaults());
    }

    @Benchmark
    public void publish() {
        for (int i = 0; i < messages; i++) {
            answers[i] = chat.publish(Draft.of(Room.LOBBY, TEXT));
        }
        CompletableFuture.allOf(answers).join();
    }

    @TearDown(Level.Trial)
    public void close() throws Exception {
        chat.close();
        opened.close();
        if (pool != null) {
            pool.close();
            try (Stream<Path> files = Files.walk(directory)) {
                files.map(Path::toFile).sorted(Comparator.reverseOrder()).forEach(File::delete);
            }
        }
    }
}
