package dev.confab.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that no part of a token and no secret appears in the output, even when everything is logged. */
final class PlantedTokenTest {
    private static final String PLANTED = "planted";
    private static final String DONE = "all tokens are tried";

    @TempDir
    Path directory;

    @Test
    void aProcessThatLogsEverythingShowsNoToken() throws Exception {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PlantedTokenTest.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        String shown = Files.readString(output);
        // The first two show that the libraries logged at all.
        assertThat(shown)
                .contains("DEBUG org.jose4j.", "WARN dev.confab.jwt.JwksServer", DONE)
                .doesNotContain(PLANTED, RawToken.base64(PLANTED), "eyJ");
    }

    /** Tries tokens of all kinds, and prints all that an application could print about them. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        byte[] bytes = "planted secret, planted secret, planted".getBytes(StandardCharsets.US_ASCII);
        Path secret =
                Answers.write(directory.resolve("secret"), Base64.getEncoder().encodeToString(bytes));
        JwtConfig hmac = JwtConfig.hmac(secret).withAudience("chat");
        JwtAuthenticator shared = JwtAuthenticator.of(hmac, Answers.AT_NOW);
        KeyPair pair = RawToken.p256();
        try (KeyServer server = KeyServer.of(RawToken.jwks(RawToken.jwk(pair, "known")));
                KeyServer broken = new KeyServer(KeyServer.answer(500, PLANTED))) {
            JwtAuthenticator keys = JwtAuthenticator.of(JwtConfig.jwks(server.url()), Answers.AT_NOW);
            JwtAuthenticator without =
                    JwtAuthenticator.of(JwtConfig.jwks(URI.create(broken.url() + "?key=planted")), Answers.AT_NOW);
            for (String claims : List.of(
                    "{\"sub\":\"planted\",\"aud\":\"chat\",\"exp\":4102444800}",
                    "{\"sub\":\"planted\",\"aud\":\"planted\",\"exp\":1}",
                    "{\"sub\":\"planted\",\"aud\":\"chat\",\"exp\":\"planted\"}",
                    "{\"sub\":\"planted\\n\",\"aud\":\"chat\",\"exp\":4102444800}",
                    "{\"sub\":\"ann\",\"aud\":\"chat\",\"exp\":4102444800,\"rooms\":{\"read\":[\"planted*planted\"]}}",
                    "{planted")) {
                show(shared, RawToken.hs256(bytes, "{\"alg\":\"HS256\",\"kid\":\"planted\"}", claims));
                show(shared, RawToken.hs256(Answers.SECRET, "{\"alg\":\"HS256\"}", claims));
                for (String header : List.of(
                        "{\"alg\":\"ES256\",\"kid\":\"known\"}",
                        "{\"alg\":\"ES256\",\"kid\":\"planted\"}",
                        "{\"alg\":\"planted\"}",
                        "{planted")) {
                    show(keys, RawToken.signed(pair.getPrivate(), header, claims));
                    show(keys, RawToken.signed(RawToken.p256().getPrivate(), header, claims));
                    show(keys, RawToken.unsigned(header, claims) + "." + RawToken.base64(PLANTED));
                    show(without, RawToken.signed(pair.getPrivate(), header, claims));
                }
            }
        }
        System.out.println(hmac);
        System.out.println(DONE);
    }

    private static void show(JwtAuthenticator authenticator, String token) {
        Throwable failure = Answers.failure(authenticator, token);
        if (failure != null) {
            failure.printStackTrace();
        }
    }
}
