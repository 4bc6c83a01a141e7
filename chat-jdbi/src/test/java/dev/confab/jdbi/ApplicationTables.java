package dev.confab.jdbi;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** An application's tables with the names that Confab's tables had before version 4, but with other columns. */
final class ApplicationTables {
    static final String[] NAMES = {"entry", "message", "participant", "log_head", "publish_key", "node_lease"};

    static final String SQL = "create table entry (id int primary key, title varchar(40));"
            + "create index entry_room on entry (title);"
            + "insert into entry values (1, 'x');"
            + "create table message (id int primary key, body varchar(40));"
            + "insert into message values (1, 'x');"
            + "create table participant (id int primary key, room varchar(40), nick varchar(40), email varchar(80));"
            + "insert into participant values (1, 'a', 'eve', 'eve@example.org');"
            + "create table log_head (branch varchar(40));"
            + "insert into log_head values ('main'), ('main');"
            + "create table publish_key (pem varchar(40));"
            + "create table node_lease (id uuid)";

    private ApplicationTables() {}

    static void create(DataSource database) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : SQL.split(";")) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
