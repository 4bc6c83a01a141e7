package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the options for JSON Web Tokens. */
final class TokensTest {
    private static final String SECRET = "cGxhbnRlZCBzZWNyZXQsIHBsYW50ZWQgc2VjcmV0ISE=";

    @TempDir
    Path directory;

    @Test
    void withoutTheOptionsEverybodyIsServed() {
        assertThat(Tokens.access(null, null, null)).isEmpty();
    }

    @Test
    void aSecretOrAKeySetTurnsAccessControlOn() throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), SECRET + "\n");
        assertThat(Tokens.access(file, null, null)).isPresent();
        assertThat(Tokens.access(file, null, "chat")).isPresent();
        assertThat(Tokens.access(null, "https://issuer.example/keys", null)).isPresent();
        assertThat(Tokens.access(null, " http://localhost:1/keys ", "chat")).isPresent();
    }

    @Test
    void aSecretThatCannotBeUsedIsReportedInOneLine() throws IOException {
        Path file = directory.resolve("secret");
        assertWrong("--jwt-secret-file " + file, "--jwt-secret-file: " + file + " (expected: a readable file)");
        Files.writeString(file, "hidden!");
        assertWrong(
                "--jwt-secret-file " + file, "--jwt-secret-file: " + file + " (expected: 256 bits or more, in base64)");
        Files.writeString(file, Base64.getEncoder().encodeToString("hidden".getBytes()));
        assertWrong(
                "--jwt-secret-file " + file, "--jwt-secret-file: " + file + " (expected: 256 bits or more, in base64)");
        Files.writeString(file, SECRET);
        assertWrong(
                "--jwt-secret-file " + file + " --jwks-url https://issuer.example/keys",
                "--jwt-secret-file, --jwks-url: both (expected: only one of them)");
        assertThatThrownBy(() -> Tokens.access(file, null, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--jwt-audience: empty (expected: a text)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--jwt-audience chat | --jwt-audience: chat (expected: only with --jwt-secret-file or --jwks-url)",
                "--jwks-url http://issuer.example/keys | --jwks-url: a URL that is not safe (expected: https, or http to"
                        + " a loopback address, without a user)",
                "--jwks-url https://me:hidden@issuer.example/keys | --jwks-url: a URL that is not safe (expected: https,"
                        + " or http to a loopback address, without a user)",
                "--jwks-url https://hidden:<> | --jwks-url: not a URL (expected: https://…)",
                "--jwks-url keys | --jwks-url: a URL that is not safe (expected: https, or http to a loopback address,"
                        + " without a user)",
            })
    void aWrongOptionIsReportedInOneLineWithStatusTwo(String options, String line) {
        assertWrong(options, line);
    }

    private static void assertWrong(String options, String line) {
        StringWriter err = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of("serve", "--database-url", "memory", "--port", "0"));
        arguments.addAll(List.of(options.split(" ")));
        int status = Main.commandLine().setErr(new PrintWriter(err)).execute(arguments.toArray(String[]::new));
        assertThat(err.toString().lines()).containsExactly("chat-demo serve: " + line);
        assertThat(err.toString()).doesNotContain("hidden");
        assertThat(status).isEqualTo(2);
    }
}
