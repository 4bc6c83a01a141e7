package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.StoreException;
import dev.confab.jdbi.PostgresServer;
import dev.confab.netty.RawHttp;
import dev.confab.netty.WsClient;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes on PostgreSQL, and what is said when it cannot be used. */
@Timeout(60)
class PostgresNodeTest {
    private final String url = PostgresServer.newSchema();

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void messageOfOneNodeReachesWhoWaitsAtAnother(boolean notifies) throws Exception {
        NodeConfig config =
                NodeConfig.inMemory().withDatabaseUrl(url).withNews(Notifications.of(notifies, notifies ? url : null));
        try (Node node = Node.start(config);
                Node other = Node.start(config);
                RawHttp writer = new RawHttp(node.port());
                RawHttp reader = new RawHttp(other.port())) {
            reader.get("/messages?after=earliest&wait=20");
            writer.post("/messages", "application/json", "{\"body\":\"hello\"}");
            assertThat(writer.read().status()).isEqualTo(201);
            assertThat(reader.read().body()).contains("\"body\":\"hello\"");
        }
    }

    @Test
    void participantOfOneNodeIsShownByAnother() throws Exception {
        NodeConfig config = NodeConfig.inMemory().withDatabaseUrl(url);
        try (Node node = Node.start(config);
                Node other = Node.start(config);
                WsClient ann = new WsClient(new RawHttp(node.port())).greet("?nick=ann");
                WsClient bob = new WsClient(new RawHttp(other.port())).greet("?nick=bob");
                RawHttp atNode = new RawHttp(node.port());
                RawHttp atOther = new RawHttp(other.port())) {
            // The joins are stored beside the greetings, which do not wait for them.
            for (RawHttp each : List.of(atNode, atOther)) {
                String expected = "{\"room\":\"lobby\",\"participants\":[{\"nick\":\"ann\"},{\"nick\":\"bob\"}]}";
                String body;
                do {
                    body = each.get("/presence").read().body();
                } while (!body.equals(expected));
            }
            assertThat(ann.text()).contains("\"type\":\"join\"", "\"nick\":\"bob\"");
            bob.send("{\"type\":\"send\",\"body\":\"hello\"}");
            assertThat(ann.text()).contains("\"body\":\"hello\"");
        }
    }

    @Test
    void formOfHostingPlatformsIsUnderstood() {
        String address = url.replace("jdbc:postgresql://", "postgres://postgres:any%40thing@");
        try (Database database = Database.open(address.replace("user=postgres&", ""))) {
            assertThat(database.store().isShared()).isTrue();
        }
    }

    @Test
    void availableOneOfSeveralHostsIsUsed() {
        String address = url.replace("jdbc:postgresql://", "postgres://postgres@127.0.0.1:1,");
        try (Database database = Database.open(address)) {
            assertThat(database.store().isShared()).isTrue();
        }
    }

    @Test
    void wrongPasswordIsReported() throws Exception {
        String at = at();
        String role = "guarded_" + schema();
        PostgresServer.execute(url, "create role " + role + " login password 'right'");
        Path rules = Path.of(show("hba_file"));
        String before = Files.readString(rules);
        Files.writeString(rules, "host all " + role + " all scram-sha-256\n" + before);
        try {
            PostgresServer.execute(url, "select pg_reload_conf()");
            assertFails(
                    "postgres://" + role + ":wrong@" + at + "/postgres",
                    "database: jdbc:postgresql://" + at + "/postgres: password authentication failed for user \"" + role
                            + "\"");
        } finally {
            Files.writeString(rules, before);
            PostgresServer.execute(url, "select pg_reload_conf()");
        }
    }

    @Test
    void missingDatabaseIsReported() throws Exception {
        assertFails(
                "postgres://postgres:secret@" + at() + "/nowhere",
                "database: jdbc:postgresql://" + at() + "/nowhere: database \"nowhere\" does not exist");
    }

    @Test
    void unreachableServerIsReported() throws Exception {
        assertFails(
                "postgres://postgres:secret@127.0.0.1:1/chat",
                "database: jdbc:postgresql://127.0.0.1:1/chat: Connection to 127.0.0.1:1 refused. Check that the"
                        + " hostname and port are correct and that the postmaster is accepting TCP/IP connections.");
    }

    @Test
    void schemaOfANewerProgramIsReported() throws Exception {
        Database.open(url).close();
        PostgresServer.execute(url, "update confab_schema set version = 1000");
        assertFails(url, "schema: version 1000 (expected: at most 4; the database is of a newer program)");
    }

    @Test
    void missingRightsAreReported() {
        String schema = schema();
        String role = "nobody_" + schema;
        PostgresServer.execute(url, "create role " + role + " login");
        PostgresServer.execute(url, "grant usage on schema " + schema + " to " + role);
        assertThatThrownBy(() -> Database.open(url.replace("user=postgres", "user=" + role)))
                .isInstanceOf(StoreException.class)
                .hasMessageEndingWith(": permission denied for schema " + schema)
                .hasMessageStartingWith("database: jdbc:postgresql://");
    }

    @Test
    void optionsThatDoNotFitAreRefused() {
        assertThat(serve("--database-url", "memory", "--notify-url", "postgres://a:secret@host/db"))
                .isEqualTo("2 chat-demo serve: --notify-url: postgres://…@host/db (expected: none, as the log is not in"
                        + " PostgreSQL)");
        assertThat(serve("--no-notify", "--notify-url", "postgres://a:secret@host/db"))
                .isEqualTo("2 chat-demo serve: --notify-url: postgres://…@host/db (expected: none with --no-notify)");
        assertThat(serve("--database-url", "mysql://a:secret@host/db"))
                .isEqualTo("2 chat-demo serve: --database-url: mysql://… (expected: memory, jdbc:h2:…, "
                        + "postgres://user:password@host/database or jdbc:postgresql://host/database)");
    }

    private String schema() {
        return url.substring(url.indexOf("currentSchema=") + "currentSchema=".length());
    }

    private static void assertFails(String databaseUrl, String message) {
        assertThatThrownBy(() -> Database.open(databaseUrl))
                .isInstanceOf(StoreException.class)
                .hasMessage(message);
        assertThat(serve("--database-url", databaseUrl)).isEqualTo("1 serve: " + message);
    }

    /** The exit status and what is written to standard error. */
    private static String serve(String... options) {
        String[] arguments = new String[options.length + 3];
        arguments[0] = "serve";
        arguments[1] = "--port";
        arguments[2] = "0";
        System.arraycopy(options, 0, arguments, 3, options.length);
        StringWriter errors = new StringWriter();
        int status = Main.commandLine().setErr(new PrintWriter(errors)).execute(arguments);
        return status + " " + errors.toString().strip();
    }

    /** Host and port. */
    private String at() throws SQLException {
        return "localhost:" + show("port");
    }

    private String show(String setting) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("show " + setting)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
