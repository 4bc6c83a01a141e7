package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Health;
import dev.confab.core.MessageStore;
import dev.confab.core.StoreCalls;
import dev.confab.core.StoreException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests H2 files that are truncated or damaged. */
@Timeout(120)
class H2DamageTest {
    private static final int BLOCK = 4096;

    @TempDir
    private Path directory;

    @Test
    void aTruncatedFileIsRefused() throws IOException {
        fill();
        try (RandomAccessFile file = file()) {
            file.setLength(file.length() / 2 / BLOCK * BLOCK);
        }
        assertThatThrownBy(() -> H2File.recover(H2Database.urlOf(directory)))
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("database: ");
    }

    @Test
    void theHealthReportsADamagedPage() throws IOException {
        fill();
        try (HikariDataSource pool = H2Database.inFile(directory);
                MessageStore store = JdbiMessageStore.open(pool);
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            assertThat(chat.health().join()).isEqualTo(Health.OK);
            try (RandomAccessFile file = file()) {
                // Overwrites all blocks except the headers and the blocks that were read at the start.
                for (long block = 2; block < file.length() / BLOCK - 8; block++) {
                    file.seek(block * BLOCK);
                    file.write(new byte[BLOCK]);
                }
            }
            assertThatThrownBy(() -> StoreCalls.all(store, StoreCalls.A)).isInstanceOf(StoreException.class);
            assertThat(chat.health().join()).isEqualTo(Health.DAMAGED);
        }
    }

    private RandomAccessFile file() throws IOException {
        return new RandomAccessFile(directory.resolve("chat.mv.db").toFile(), "rw");
    }

    /** Stores about 20 MB, which is more than H2 keeps in memory after a start. */
    private void fill() {
        try (HikariDataSource pool = H2Database.inFile(directory);
                MessageStore store = JdbiMessageStore.open(pool)) {
            for (int i = 0; i < 15; i++) {
                List<Draft> drafts = IntStream.range(0, 100)
                        .mapToObj(
                                j -> Draft.of(StoreCalls.A, Integer.toString(j).repeat(4_000)))
                        .toList();
                store.append(StoreCalls.NODE, drafts);
            }
        }
    }
}
