package dev.confab.jdbi;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One real PostgreSQL server for all test classes of a JVM. It is as durable as in production, provides a schema for
 * each test, and ends with the JVM.
 */
public final class PostgresServer {
    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    private PostgresServer() {}

    /** Holds the server, which is started at its first use. */
    private static final class Holder {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("full_page_writes", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("max_connections", "200")
                        .setLocaleConfig("encoding", "UTF8")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Creates an empty schema for a test, and returns its URL with the user and the settings of the driver. */
    public static String newSchema() {
        String name = "test" + SCHEMAS.incrementAndGet();
        String url = urlOf("postgres") + "&currentSchema=" + name;
        execute(url, "create schema " + name);
        return url;
    }

    /**
     * Creates a database for a test that changes the settings of its database, and returns its URL with the user and
     * the settings of the driver.
     */
    public static String newDatabase() {
        String name = "database" + SCHEMAS.incrementAndGet();
        execute(urlOf("postgres"), "create database " + name);
        return urlOf(name);
    }

    private static String urlOf(String database) {
        return "jdbc:postgresql://localhost:" + Holder.SERVER.getPort() + "/" + database
                + "?user=postgres&reWriteBatchedInserts=true&tcpKeepAlive=true&connectTimeout=5&socketTimeout=30";
    }

    /** Returns the port of the server. */
    static int port() {
        return Holder.SERVER.getPort();
    }

    /** Runs a statement on a new connection. */
    public static void execute(String url, String sql) {
        try (Connection connection = unpooled(url).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Ends the connections whose row of {@code pg_stat_activity} fulfils the condition, and waits until they are gone.
     * From version 14 on, PostgreSQL itself can wait for that.
     *
     * @return false if there was no such connection
     */
    static boolean terminate(Statement statement, String condition) throws SQLException {
        List<String> pids = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(
                "select pid, pg_terminate_backend(pid) from pg_stat_activity where " + condition)) {
            while (rows.next()) {
                pids.add(rows.getString(1));
            }
        }
        boolean there = !pids.isEmpty();
        while (there) {
            try (ResultSet rows = statement.executeQuery(
                    "select 1 from pg_stat_activity, pg_sleep(0.01) where pid in (" + String.join(", ", pids) + ")")) {
                there = rows.next();
            }
        }
        return !pids.isEmpty();
    }

    static HikariDataSource pool(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(16);
        config.setMinimumIdle(0);
        return new HikariDataSource(config);
    }

    /** Returns a data source without a pool. */
    static PGSimpleDataSource unpooled(String url) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(url);
        return source;
    }
}
