package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests a pooler that uses another server process for each transaction and does not support prepared statements. Prints
 * the results.
 */
@Timeout(120)
class TransactionPoolerTest {
    private static final int PUBLISHES = 160;

    @TempDir
    private Path directory;

    @BeforeAll
    static void pgBouncerIsInstalled() throws IOException {
        if (PgBouncer.program().isEmpty()) {
            String text = "NO PGBOUNCER HERE: TransactionPoolerTest was left out. Install it"
                    + " (Debian: apt-get install pgbouncer) to run it.";
            System.out.println(text);
            Files.writeString(Path.of("target", "tests-skipped.txt"), text);
        }
        Assumptions.assumeTrue(PgBouncer.program().isPresent(), "PgBouncer is not installed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&prepareThreshold=0"})
    void everyPublishAndEveryReadSucceeds(String setting) throws Exception {
        String database = PostgresServer.newDatabase().replaceFirst(".*/(database\\d+).*", "$1");
        try (PgBouncer pooler = PgBouncer.start(directory, database);
                HikariDataSource pool = pool(pooler.url() + setting);
                MessageStore store = JdbiMessageStore.open(pool);
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            List<CompletableFuture<Boolean>> reads = new ArrayList<>();
            int stored = 0;
            for (int i = 0; i < PUBLISHES; i += 8) {
                for (int j = 0; j < 24; j++) {
                    RoomSet room = RoomSet.of(new Room("room" + j % 7));
                    reads.add(chat.before(room, MessageId.MAX, Limit.PAGE).handle((batch, failure) -> failure == null));
                }
                stored += Publishes.run(chat, 8, 8).stored();
            }
            long failed = reads.stream().filter(read -> !read.join()).count();
            System.out.printf(
                    "PgBouncer%s: %d of %d publishes stored, %d of %d reads failed%n",
                    setting, stored, PUBLISHES, failed, reads.size());
            assertThat(stored).isEqualTo(PUBLISHES);
            assertThat(failed).isZero();
        }
    }

    private static HikariDataSource pool(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(8);
        return new HikariDataSource(config);
    }
}
