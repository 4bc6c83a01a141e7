package dev.confab.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.AccessConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tests that docs/jwt.md shows code that compiles, and every text of a refusal. */
final class JwtPageTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "jwt.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/confab/jwt/JwtPageTest.java");

    @Test
    void theExampleIsTheCompiledCode() throws IOException {
        // jwt:begin
        JwtConfig config = JwtConfig.jwks(URI.create("https://issuer.example/.well-known/jwks.json"))
                .withIssuer("https://issuer.example")
                .withAudience("chat");
        AccessConfig access = AccessConfig.of(JwtAuthenticator.of(config), new JwtAuthorizer());
        // jwt:end
        assertThat(access.authorizer()).isNotNull();
        String code = between(Files.readString(SOURCE), "// jwt:begin\n", "        // jwt:end\n")
                .lines()
                .map(line -> line.replaceFirst("^ {8}", ""))
                .collect(Collectors.joining("\n", "", "\n"));
        assertThat(between(Files.readString(PAGE), "<!-- jwt:example -->\n```java\n", "```\n"))
                .isEqualTo(code);
    }

    @Test
    void thePageListsEveryRefusal() throws IOException {
        String page = Files.readString(PAGE);
        for (Refusal refusal : Refusal.values()) {
            assertThat(page).contains("| " + refusal.exception().getMessage() + " |");
        }
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }
}
