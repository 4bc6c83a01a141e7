package dev.confab.jdbi;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.MessageStore;
import dev.confab.core.MessageStoreContract;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;

class H2MemoryMessageStoreTest extends MessageStoreContract {
    private final HikariDataSource database = H2Database.inMemory(H2Database.PATIENT);

    @Override
    protected MessageStore open(InstantSource clock) {
        return JdbiMessageStore.open(database, JdbiStoreConfig.defaults().withClock(clock));
    }

    @AfterEach
    void closeDatabase() {
        database.close();
    }
}
