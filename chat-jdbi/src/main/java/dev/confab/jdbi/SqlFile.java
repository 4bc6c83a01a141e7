package dev.confab.jdbi;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A file of SQL statements in this module, for tools such as Flyway and for {@link Tables}. */
final class SqlFile {
    private final String name;
    private final List<String> statements;

    /** @param database the directory of the database: {@code h2} or {@code postgresql} */
    SqlFile(String database, String file) {
        this.name = "confab/" + database + "/" + file;
        String text;
        try (InputStream in = SqlFile.class.getResourceAsStream("/" + name)) {
            text = new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String code = text.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
        this.statements = Stream.of(code.split("(?<=;)\n"))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }

    /** The path on the class path. */
    String name() {
        return name;
    }

    /** The statements, each with its semicolon. */
    List<String> statements() {
        return statements;
    }
}
