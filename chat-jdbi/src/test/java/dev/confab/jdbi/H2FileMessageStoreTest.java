package dev.confab.jdbi;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.MessageStore;
import dev.confab.core.MessageStoreContract;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class H2FileMessageStoreTest extends MessageStoreContract {
    @TempDir
    private Path directory;

    private @Nullable HikariDataSource database;

    /** Closes the database before it is opened again, so that a test finds only the contents of the file. */
    @Override
    protected MessageStore open(InstantSource clock) {
        closeDatabase();
        database = H2Database.inFile(directory, H2Database.PATIENT);
        return JdbiMessageStore.open(database, JdbiStoreConfig.defaults().withClock(clock));
    }

    @AfterEach
    void closeDatabase() {
        if (database != null) {
            database.close();
        }
    }
}
