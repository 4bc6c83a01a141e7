package dev.confab.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that mistakes in a configuration are found at the start, and named without a secret. */
final class JwtConfigTest {
    private static final JwtConfig HMAC = JwtConfig.hmac(Path.of("secret"));
    private static final JwtConfig JWKS = JwtConfig.jwks(URI.create("https://issuer.example/keys"));

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://issuer.example/keys", "HTTPS://issuer.example", "http://localhost:8080/keys",
                "http://127.0.0.1/keys", "http://127.1.2.3/keys", "http://[::1]:80/keys"
            })
    void safeUrls(String url) {
        assertThat(JwtConfig.jwks(URI.create(url)).jwks()).hasToString(url);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://issuer.example/keys",
                "http://localhost.example/keys",
                "http://127.0.0.1.example/keys",
                "http://128.0.0.1/keys",
                "http://0.0.0.0/keys",
                "ftp://localhost/keys",
                "file:///etc/keys",
                "keys",
                "//localhost/keys",
                "https:keys",
                "https:///keys",
                "https://me:hidden@issuer.example/keys"
            })
    void otherUrls(String url) {
        assertThatThrownBy(() -> JwtConfig.jwks(URI.create(url)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("jwks: ")
                .hasMessageContaining("(expected: https, or http to a loopback address, without a user)")
                .hasMessageNotContaining("hidden");
    }

    @Test
    void asymmetricAndSymmetricAlgorithmsAreNotMixed() {
        assertThat(JWKS.withAlgorithms(Set.of(JwtAlgorithm.EDDSA)).algorithms()).containsExactly(JwtAlgorithm.EDDSA);
        assertInvalid(() -> HMAC.withAlgorithms(Set.of()), "algorithms: [] (expected: HS256 with a secret)");
        assertInvalid(
                () -> HMAC.withAlgorithms(Set.of(JwtAlgorithm.RS256)),
                "algorithms: [RS256] (expected: HS256 with a secret)");
        assertInvalid(
                () -> JWKS.withAlgorithms(Set.of(JwtAlgorithm.HS256)),
                "algorithms: [HS256] (expected: RS256, ES256 or EDDSA with a key set)");
    }

    @Test
    void onlyTheConfiguredAlgorithmsAreAccepted() {
        var pair = RawToken.p256();
        JwtAuthenticator authenticator = Answers.withKeys(
                JWKS.withAlgorithms(Set.of(JwtAlgorithm.RS256)),
                RawToken.jwks(RawToken.jwk(pair, "k")),
                Answers.AT_NOW);
        Answers.assertRefused(
                authenticator, RawToken.signed(pair.getPrivate(), "{\"alg\":\"ES256\"}", "{}"), Refusal.ALGORITHM);
    }

    @Test
    void timesAndTextsOutOfRange() {
        assertInvalid(() -> HMAC.withClockSkew(Duration.ofSeconds(61)), "clockSkew: PT1M1S (expected: 0 to 60 s)");
        assertInvalid(() -> HMAC.withClockSkew(Duration.ofMillis(-1)), "clockSkew: PT-0.001S (expected: 0 to 60 s)");
        assertInvalid(
                () -> JWKS.withKeyLifetime(Duration.ofMinutes(4)), "keyLifetime: PT4M (expected: 5 min to 7 days)");
        assertInvalid(
                () -> JWKS.withKeyLifetime(Duration.ofDays(8)), "keyLifetime: PT192H (expected: 5 min to 7 days)");
        assertInvalid(() -> JWKS.withAudience(""), "audience: empty (expected: a text)");
        assertInvalid(() -> JWKS.withIssuer(""), "issuer: empty (expected: a text)");
        assertThat(HMAC.clockSkew()).isEqualTo(Duration.ofSeconds(30));
        assertThat(JWKS.keyLifetime()).isEqualTo(Duration.ofHours(4));
        assertThat(HMAC.defaultRooms()).isEqualTo(RoomGrants.NONE);
    }

    @Test
    void secretsInTheFormsThatToolsWrite() {
        byte[] secret = new byte[64];
        for (int i = 0; i < secret.length; i++) {
            secret[i] = (byte) (i * 37);
        }
        String token = RawToken.hs256(
                secret,
                "{\"alg\":\"HS256\"}",
                "{\"sub\":\"ann\",\"exp\":" + Answers.NOW.plusSeconds(9).getEpochSecond() + "}");
        for (String content : new String[] {
            Base64.getEncoder().encodeToString(secret),
            Base64.getEncoder().withoutPadding().encodeToString(secret) + "\n",
            Base64.getUrlEncoder().encodeToString(secret) + "\r\n",
            Base64.getMimeEncoder().encodeToString(secret) + "\n",
        }) {
            Path file = Answers.write(directory.resolve("secret"), content);
            JwtAuthenticator authenticator = JwtAuthenticator.of(JwtConfig.hmac(file), Answers.AT_NOW);
            assertThat(Answers.principal(authenticator, token)).isNotNull();
        }
    }

    @Test
    void filesWithoutAUsableSecret() {
        Path missing = directory.resolve("missing");
        assertUnusable(missing, "secretFile: " + missing + " (expected: a readable file)");
        assertUnusable(directory, "secretFile: " + directory + " (expected: a readable file)");
        assertContent("", "256 bits or more, in base64");
        assertContent(Base64.getEncoder().encodeToString(new byte[31]), "256 bits or more, in base64");
        assertContent("hidden, and not base64: a text that is long enough", "256 bits or more, in base64");
        assertContent("A".repeat(8_193), "at most 8192 bytes");
        // A device that never ends.
        assertUnusable(Path.of("/dev/zero"), "secretFile: /dev/zero (expected: at most 8192 bytes)");
    }

    @Test
    void aPublicKeyIsNotASecret() {
        for (var pair : new java.security.KeyPair[] {RawToken.rsa(2_048), RawToken.p256(), RawToken.ed25519()}) {
            String der = Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded());
            String pem = "-----BEGIN PUBLIC KEY-----\n" + der + "\n-----END PUBLIC KEY-----\n";
            assertContent(der, "a secret, and not a public key");
            assertContent(Base64.getEncoder().encodeToString(pem.getBytes()), "a secret, and not a public key");
            assertContent(pem, "a secret, and not a key in PEM");
        }
    }

    private void assertContent(String content, String expected) {
        Path file = directory.resolve("secret");
        assertThatThrownBy(() -> read(content))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("secretFile: " + file + " (expected: " + expected + ")")
                .hasNoCause();
    }

    private void read(String content) {
        JwtAuthenticator.of(JwtConfig.hmac(Answers.write(directory.resolve("secret"), content)));
    }

    private static void assertUnusable(Path file, String message) {
        assertInvalid(() -> JwtAuthenticator.of(JwtConfig.hmac(file)), message);
    }

    private static void assertInvalid(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }
}
