package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Health;
import dev.confab.core.MessageStore;
import dev.confab.core.Room;
import dev.confab.core.StoreCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests an H2 database whose disk is full for a while, and prints the numbers of stored and refused messages. */
@Timeout(300)
class FullDiskTest {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    @BeforeAll
    static void limitsCanBeSet() throws IOException {
        if (!FullDisk.isPossible()) {
            String text = "NO PRLIMIT HERE: FullDiskTest was left out (Debian: it is in util-linux).";
            System.out.println(text);
            Files.writeString(Path.of("target", "tests-skipped.txt"), text);
        }
        Assumptions.assumeTrue(FullDisk.isPossible(), "no prlimit");
    }

    @Test
    void publishingContinuesWhenTheDiskHasSpaceAgain() throws IOException {
        try (FullDisk disk = new FullDisk(directory.resolve("chat.mv.db"));
                HikariDataSource pool = H2Database.inFile(directory);
                MessageStore store = JdbiMessageStore.open(pool);
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            int stored = report(chat, "there is room", new Publishes(40, 0));

            disk.setFull(true);
            Publishes some = Publishes.run(chat, 8, 8);
            long end = System.nanoTime() + LONGEST_WAIT.toNanos();
            while (some.stored() > 0) {
                // The file itself may still have some free space.
                stored += some.stored();
                checkNotOver(end, "the disk is full and messages are still stored", chat);
                some = Publishes.run(chat, 8, 8);
            }
            System.out.println("The disk is full: " + some + "; health " + health(chat));

            disk.setFull(false);
            end = System.nanoTime() + LONGEST_WAIT.toNanos();
            while (Publishes.run(chat, 1, 1).stored() == 0) {
                checkNotOver(end, "there is room again and no message is stored", chat);
            }
            stored += report(chat, "there is room again", new Publishes(40, 0)) + 1;
            assertThat(health(chat)).isEqualTo(Health.OK);
            assertThat(StoreCalls.all(store, rooms())).hasSizeGreaterThanOrEqualTo(stored);
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files.map(file -> file.getFileName().toString())).containsExactly("chat.mv.db");
            }
        }
    }

    private static Room[] rooms() {
        return Stream.of(0, 1, 2, 3, 4, 5, 6).map(i -> new Room("room" + i)).toArray(Room[]::new);
    }

    private static void checkNotOver(long end, String state, ChatService chat) {
        if (System.nanoTime() - end > 0) {
            fail("after %s, %s; health %s", LONGEST_WAIT, state, health(chat));
        }
    }

    private static Health health(ChatService chat) {
        CompletableFuture<Health> health = chat.health();
        assertThat(health).succeedsWithin(LONGEST_WAIT);
        return health.join();
    }

    private static int report(ChatService chat, String state, Publishes expected) {
        Publishes publishes = Publishes.run(chat, expected.stored(), 8);
        System.out.println("On the disk " + state + ": " + publishes + "; health " + health(chat));
        assertThat(publishes).isEqualTo(expected);
        return publishes.stored();
    }
}
