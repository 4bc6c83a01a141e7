package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.jdbi.PostgresServer;
import dev.confab.netty.RawHttp;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that no password appears in the output, even when everything is logged. */
@Timeout(120)
final class PlantedSecretsTest {
    /** Contains characters that are delimiters in a URL; each part of the password is a secret as well. */
    private static final String PASSWORD = "Qz7fA/w@Kp9Xe";

    private static final String KEY_PASSWORD = "Vb3kL+Tn8Ry";
    private static final List<String> SECRETS = List.of("Qz7fA", "Kp9Xe", "Vb3kL", "Tn8Ry");

    @TempDir
    Path directory;

    @Test
    void aNodeThatLogsEverythingShowsNoPassword() throws Exception {
        String schema = PostgresServer.newSchema();
        String role = schema.substring(schema.indexOf("currentSchema=") + "currentSchema=".length());
        PostgresServer.execute(schema, "create role " + role + " login password '" + PASSWORD + "'");
        PostgresServer.execute(schema, "grant all on schema " + role + " to " + role);
        Path rules = Path.of(show(schema, "hba_file"));
        String before = Files.readString(rules);
        Files.writeString(rules, "host all " + role + " all scram-sha-256\n" + before);
        try {
            PostgresServer.execute(schema, "select pg_reload_conf()");
            String url = "postgres://" + role + ":" + encoded(PASSWORD) + "@localhost:"
                    + show(schema, "port") + "/postgres?currentSchema=" + role + "&sslpassword="
                    + encoded(KEY_PASSWORD);
            String output = output(
                    new ServerProcess(Map.of("DATABASE_URL", url), tracing(), "--log-level", "trace", "--port", "0"),
                    true);
            // This shows that the connection pool and the driver logged at all.
            assertThat(output).contains("HikariConfig", "Connecting with URL: jdbc:postgresql://localhost:", "SCRAM");
            assertSecret(output);
        } finally {
            Files.writeString(rules, before);
            PostgresServer.execute(schema, "select pg_reload_conf()");
        }
    }

    @Test
    void aNodeOnAnH2FileShowsNoPassword() throws Exception {
        String url =
                "jdbc:h2:file:" + directory.resolve("chat") + ";TRACE_LEVEL_SYSTEM_OUT=3;USER=ops;PASSWORD=" + PASSWORD;
        String output = output(
                new ServerProcess(Map.of(), tracing(), "--log-level", "trace", "--port", "0", "--database-url", url),
                true);
        assertThat(output).contains("HikariConfig", "DriverManager.getConnection(");
        assertSecret(output);
    }

    @Test
    void aNodeThatCannotConnectShowsNoPassword() throws Exception {
        String url = "jdbc:postgresql://127.0.0.1:1/db?user=ops&password=" + encoded(PASSWORD) + "&sslpassword="
                + encoded(KEY_PASSWORD);
        String output = output(
                new ServerProcess(Map.of(), tracing(), "--log-level", "trace", "--port", "0", "--database-url", url),
                false);
        assertThat(output)
                .contains("serve: database: jdbc:postgresql://127.0.0.1:1/db: Connection to 127.0.0.1:1 refused.");
        assertSecret(output);
    }

    @Test
    void aMalformedUrlInTheEnvironmentShowsNoPassword() throws Exception {
        String url = "postgres://ops:" + PASSWORD + "@host/db";
        String output = output(
                new ServerProcess(Map.of("DATABASE_URL", url), tracing(), "--log-level", "trace", "--port", "0"),
                false);
        assertThat(output.lines())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("chat-demo serve: DATABASE_URL: postgres://… ");
        assertSecret(output);
    }

    /** The places where a user may put a URL by mistake; each is tried with each URL. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "serve --database-url URL",
                "serve --database-url=URL",
                "serve --database-url URL --port x",
                "serve --database-url memory --notify-url URL",
                "serve --database-url memory --no-notify --notify-url URL",
                "serve --databse-url URL",
                "serve --databse-url=URL",
                "serve --password Qz7fA",
                "serve -pQz7fA",
                "serve URL",
                "serve --port URL",
                "serve --port=URL",
                "serve --keep-for URL",
                "serve --io URL",
                "serve --transports URL",
                "serve --transports sse,URL",
                "serve --no-notify=URL",
                "serve --allow-origin URL --host 256.0.0.1 --database-url memory",
                "serve --host URL --database-url memory",
                "URL",
                "serv URL",
                "bench URL",
                "bench --transports URL",
                "bench --url URL",
                "bench --url http://host,URL",
                "bench --url http://host --database-url URL",
                "bench --url http://host --server-java-options URL",
                "bench --nodes 3 --database-url memory;URL",
                "bench sweep --from URL",
            })
    void aMistakeOnTheCommandLineShowsNoPassword(String options) {
        for (String url : List.of(
                "postgres://ops:Qz7fA/w@Kp9Xe@host/db",
                "postgres://ops:Qz7fA,w@Kp9Xe@host/db",
                "postgres://Qz7fA:Kp9Xe@",
                "postgres://ops:12/Qz7fA@host/db",
                "postgres://host?password=Qz7fA&sslpassword=Kp9Xe",
                "postgress://ops:Qz7fA@host/db",
                "jdbc:postgres://ops:Qz7fA@host/db",
                "jdbc:postgresql://ops:Qz7fA@host/db",
                "jdbc:postgresql://host?password=Qz7fA",
                "mysql://ops:Qz7fA/Kp9Xe@host/db",
                "mysql://ops:Qz7fA",
                "jdbc:mysql://host/db?password=Qz7fA",
                "jdbc:h2:file:./x;CIPHER=AES;PASSWORD=Qz7fA Kp9Xe",
                "jdbc:h2:tcp://ops:Qz7fA/w@Kp9Xe/x",
                "jdbc:h2:./x;PASSWORD=Qz7fA;Kp9Xe",
                "ops:Qz7fA@host/db",
                "http://ops:Qz7fA@host:80")) {
            StringWriter printed = new StringWriter();
            PrintWriter writer = new PrintWriter(printed);
            String[] words = options.split(" ");
            for (int i = 0; i < words.length; i++) {
                words[i] = words[i].replace("URL", url);
            }
            int status = Main.commandLine().setErr(writer).setOut(writer).execute(words);
            assertThat(status).as(url).isPositive();
            assertSecret(printed.toString());
        }
    }

    private static String show(String url, String setting) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("show " + setting)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static void assertSecret(String output) {
        assertThat(output)
                .isNotEmpty()
                .doesNotContain(SECRETS)
                .doesNotContain(encoded(PASSWORD), encoded(KEY_PASSWORD));
    }

    private static String encoded(String secret) {
        return URLEncoder.encode(secret, StandardCharsets.UTF_8);
    }

    /** Returns the complete output of the process; a process that listens is used and then terminated. */
    private static String output(ServerProcess started, boolean listens) {
        try (ServerProcess server = started) {
            StringBuilder output = new StringBuilder();
            for (String line = server.line(); line != null; line = server.line()) {
                output.append(line).append('\n');
                if (line.startsWith("Listening on ")) {
                    int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
                    try (RawHttp client = new RawHttp(port)) {
                        client.post("/messages", "application/x-www-form-urlencoded", "body=hello")
                                .read();
                        output.append(client.get("/messages?wait=0").read().body());
                        output.append(client.get("/health").read()).append('\n');
                    }
                    server.terminate();
                }
            }
            assertThat(server.status() == 0).isEqualTo(listens);
            return output + server.err();
        }
    }

    /** Returns the JVM options that make all loggers print everything, including the loggers of the driver. */
    private List<String> tracing() throws Exception {
        Path logging = Files.writeString(
                directory.resolve("logging.properties"),
                "handlers=java.util.logging.ConsoleHandler\n.level=ALL\njava.util.logging.ConsoleHandler.level=ALL\n");
        return List.of("-Djava.util.logging.config.file=" + logging, "-Dpicocli.trace=DEBUG");
    }
}
