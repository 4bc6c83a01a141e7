package dev.confab.demo;

import dev.confab.core.Draft;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.jdbi.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A database that an application shares with Confab. */
enum SharedDatabase {
    H2("h2") {
        @Override
        String newUrl() {
            return "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
        }

        @Override
        DataSource open(String url) {
            JdbcDataSource source = new JdbcDataSource();
            source.setUrl(url);
            return source;
        }
    },
    POSTGRESQL("postgresql") {
        @Override
        String newUrl() {
            return PostgresServer.newSchema();
        }

        @Override
        DataSource open(String url) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(url);
            return source;
        }
    };

    private static final Room ROOM = new Room("lobby");

    /** The directory of Confab's SQL files for this database. */
    final String directory;

    SharedDatabase(String directory) {
        this.directory = directory;
    }

    /** The URL of a new, empty database or schema. */
    abstract String newUrl();

    abstract DataSource open(String url);

    static void publish(MessageStore store, String body) {
        store.append(new UUID(0, 1), List.of(Draft.of(ROOM, body)));
    }

    static List<String> bodies(MessageStore store) {
        return store.readAfter(RoomSet.of(ROOM), MessageId.MIN, MessageId.MAX, Limit.PAGE).messages().stream()
                .map(message -> message.body())
                .toList();
    }

    static List<String> query(DataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> result = new ArrayList<>();
            while (rows.next()) {
                result.add(rows.getString(1));
            }
            return result;
        }
    }
}
