package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.netty.RawHttp;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Tests the command {@code serve} and the command line. */
final class ServeTest {
    @TempDir
    Path directory;

    @Test
    void theServerListensKeepsMessagesOverARestartAndDrainsOnSigterm() {
        String published;
        try (ServerProcess server = ServerProcess.on(directory)) {
            int port = server.port();
            try (RawHttp writer = new RawHttp(port);
                    RawHttp waiter = new RawHttp(port)) {
                published = writer.post("/messages", "application/x-www-form-urlencoded", "body=hello&nick=ann")
                        .read()
                        .body();
                waiter.get("/messages?after=latest&wait=60&nick=bob");
                // Once bob's join is in the log, his request is waiting.
                String after = published.replaceFirst(".*\"id\":\"([^\"]*)\".*", "$1");
                assertThat(writer.get("/messages?wait=20&after=" + after).read().body())
                        .contains("\"type\":\"join\"");
                server.terminate();
                RawHttp.Response empty = waiter.read();
                assertThat(empty.body()).isEqualTo("[]");
                assertThat(empty.header("connection")).isEqualTo("close");
            }
            assertThat(server.status()).isZero();
            assertThat(server.line()).isNull();
        }
        try (ServerProcess again = ServerProcess.on(directory);
                RawHttp reader = new RawHttp(again.port())) {
            assertThat(reader.get("/messages?wait=0").read().body()).startsWith("[" + published + ",");
            again.terminate();
            assertThat(again.status()).isZero();
        }
    }

    @Test
    void theEnvironmentCanNameTheDatabase() {
        try (ServerProcess server = new ServerProcess(Map.of("DATABASE_URL", "memory"), "--port", "0");
                RawHttp client = new RawHttp(server.port())) {
            assertThat(client.get("/messages?wait=0").read().body()).isEqualTo("[]");
        }
    }

    @Test
    void anEmptyEnvironmentVariableCountsAsNotSet() {
        try (ServerProcess server = ServerProcess.in(directory, Map.of("DATABASE_URL", ""), "--port", "0")) {
            assertThat(server.port()).isPositive();
            assertThat(directory.resolve("data/chat.mv.db")).exists();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--version", "-V", "serve --version", "serve --port 0 --version", "bench -V", "bench sweep -V"})
    void theVersionIsPrinted(String options) {
        StringWriter out = new StringWriter();
        int status = Main.commandLine().setOut(new PrintWriter(out)).execute(options.split(" "));
        assertThat(out.toString()).matches("chat-demo \\d+\\.\\d+\\.\\d+\\S*\\R");
        assertThat(status).isZero();
    }

    @Test
    void aPortThatIsInUseIsReportedInOneLine() {
        try (Node other = Node.start(NodeConfig.inMemory());
                ServerProcess server =
                        new ServerProcess(Map.of(), "serve", "--port", "" + other.port(), "--database-url", "memory")) {
            assertThat(server.line()).isNull();
            assertThat(server.status()).isOne();
            assertThat(server.err().lines())
                    .containsExactly("serve: Cannot listen on 127.0.0.1:" + other.port() + ": the port is in use");
        }
    }

    @Test
    void anUnusableDirectoryIsReportedInOneLine() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");
        for (String url : List.of("jdbc:h2:file:" + file + "/chat", "jdbc:h2:file:/proc/nowhere/chat")) {
            try (ServerProcess server = new ServerProcess(Map.of(), "serve", "--port", "0", "--database-url", url)) {
                assertThat(server.line()).isNull();
                assertThat(server.status()).isOne();
                assertThat(server.err().lines()).singleElement().asString().startsWith("serve: database: ");
            }
        }
    }

    @Test
    void theStartIsLoggedInOneLineWithoutSecrets() {
        String url = "jdbc:h2:file:" + directory.resolve("chat") + ";CACHE_SIZE=1000";
        try (ServerProcess server = new ServerProcess(Map.of(), "serve", "--port", "0", "--database-url", url)) {
            server.port();
            server.terminate();
            assertThat(server.status()).isZero();
            assertThat(server.err().lines())
                    .hasSize(2)
                    .anyMatch(line -> line.endsWith("Tables created, version 4"))
                    .anyMatch(line -> line.endsWith(", database jdbc:h2:file:" + directory.resolve("chat")));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--prot 1 | Unknown option: '--prot'",
                "--port x | Invalid value for option '--port': 'x' is not an int",
                "--port 70000 | --port: 70000 (expected: 0 to 65535)",
                "--management-port 70000 | --management-port: 70000 (expected: 0 to 65535)",
                "--port 80 --management-port 80 | --management-port: 80 (expected: another port than --port)",
                "--drain-delay -1 | --drain-delay: -1 (expected: 0 to 3600)",
                "--io pigeon | Invalid value for option '--io': expected one of [AUTO, NIO, EPOLL, IO_URING]"
                        + " (case-insensitive) but was 'pigeon'",
                "--trusted-proxy 10.0.0.0/8 --trusted-proxy 10.0.0.0/33 | trusted proxy: 10.0.0.0/33 (expected: an address"
                        + " or a CIDR block, such as 10.0.0.0/8 or 2001:db8::/32)",
                "--max-connections-per-address 0 | --max-connections-per-address: 0 (expected: 1 or more)",
                "--publish-rate -1 | --publish-rate: -1 (expected: 0 to 1000000)",
                "--database-url memory --allow-credentials null | origin with credentials: null (expected:"
                        + " https://host or https://host:port, nothing after it)",
                "--database-url memory --allow-credentials * | origin with credentials: * (expected:"
                        + " https://host or https://host:port, nothing after it)",
                "--keep-count 0 | --keep-count: 0 (expected: 1 or more)",
                "--keep-for PT0S | --keep-for: PT0S (expected: more than zero)",
                "--database-url mysql://me:secret@host/db | --database-url: mysql://… (expected: memory,"
                        + " jdbc:h2:…, postgres://user:password@host/database or jdbc:postgresql://host/database)",
                "--database-url postgres://me:secret@host | --database-url: postgres://… names no database (expected:"
                        + " postgres://user:password@host/database or jdbc:postgresql://host/database)",
            })
    void aWrongOptionIsReportedInOneLineWithStatusTwo(String options, String line) {
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine().setErr(new PrintWriter(err));
        int status = command.execute(("serve " + options).split(" "));
        assertThat(err.toString().lines().findFirst().orElseThrow()).isEqualTo("chat-demo serve: " + line);
        assertThat(err.toString()).doesNotContain("secret", "\tat ");
        assertThat(status).isEqualTo(2);
    }

    @Test
    void aWrongOptionEndsTheProcessWithStatusTwo() {
        try (ServerProcess server = new ServerProcess(Map.of(), "--port", "x")) {
            assertThat(server.line()).isNull();
            assertThat(server.status()).isEqualTo(2);
            assertThat(server.err().lines()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"memory", "jdbc:h2:mem:forms", "jdbc:h2:mem:forms;DB_CLOSE_ON_EXIT=FALSE"})
    void aDatabaseIsOpenedByItsUrl(String url) {
        try (Database database = Database.open(url)) {
            assertThat(database.store().lastId()).isNotNull();
        }
    }

    @Test
    void aTableOfAnApplicationIsReportedInOneLineWithStatusOne() throws SQLException {
        String url = "jdbc:h2:mem:application";
        try (Connection application = DriverManager.getConnection(url, "sa", "");
                Statement statement = application.createStatement()) {
            statement.execute("create table confab_message (id int primary key, title varchar(40))");
            StringWriter err = new StringWriter();
            int status = Main.commandLine()
                    .setErr(new PrintWriter(err))
                    .execute("serve", "--port", "0", "--database-url", url);
            assertThat(err.toString().lines())
                    .containsExactly(
                            "serve: table confab_message: exists in schema public but is not Confab's (expected: a schema"
                                    + " without it; rename it, or give Confab a schema or a table prefix of its own)");
            assertThat(status).isOne();
        }
    }

    @Test
    void theErrorForAnUnreachableDatabaseShowsNoPassword() {
        assertThatThrownBy(() -> Database.open("jdbc:postgresql://127.0.0.1:1/db?password=secret&connectTimeout=1"))
                .hasMessageStartingWith("database: ")
                .hasMessageNotContaining("secret");
    }

    @Test
    void shortPollIsNoTransportOfAServer() {
        assertThatThrownBy(() -> NodeConfig.inMemory().withTransports(Set.of(Transport.SHORTPOLL)))
                .hasMessage(
                        "--transports: shortpoll (expected: longpoll, sse or websocket; a short poll is a request to"
                                + " longpoll without wait)");
    }

    @Test
    void theHelpExplainsTheCommandToNewUsers() {
        String help = new CommandLine(new ServeCommand()).getUsageMessage();
        assertThat(help)
                .contains(
                        "--host",
                        "--port",
                        "--database-url",
                        "--transports",
                        "--announce-anonymous",
                        "--io",
                        "DATABASE_URL",
                        "SIGTERM",
                        "curl ")
                .contains("jdbc:h2:file:./data/chat", "longpoll,sse,websocket");
        assertThat(help.lines()).allMatch(line -> line.length() <= 130);
    }
}
