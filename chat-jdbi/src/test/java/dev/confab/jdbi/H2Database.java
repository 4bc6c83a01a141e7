package dev.confab.jdbi;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.util.UUID;

/** Creates H2 data sources for tests. */
final class H2Database {
    /**
     * Lets an append wait for the append lock for longer than any pause of a machine. By default, H2 gives up after two
     * seconds; a node then appends again, but a test that calls the store itself would fail.
     */
    static final String PATIENT = ";LOCK_TIMEOUT=60000";

    private H2Database() {}

    /** Returns a new in-memory database, which ends when its pool is closed. */
    static HikariDataSource inMemory() {
        return inMemory("");
    }

    static HikariDataSource inMemory(String settings) {
        return pool("jdbc:h2:mem:" + UUID.randomUUID() + settings);
    }

    static HikariDataSource inFile(Path directory) {
        return inFile(directory, "");
    }

    static HikariDataSource inFile(Path directory, String settings) {
        return pool(H2File.recover(urlOf(directory) + settings));
    }

    static String urlOf(Path directory) {
        return "jdbc:h2:file:" + directory.toAbsolutePath().resolve("chat");
    }

    private static HikariDataSource pool(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(16);
        return new HikariDataSource(config);
    }
}
