package dev.confab.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.Bearer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the known attacks on servers that accept tokens, and tokens with mistakes. */
final class RefusedTokenTest {
    private static final JwtConfig KEYS = JwtConfig.jwks(URI.create("https://issuer.example/jwks"));
    private static final String HS256 = "{\"alg\":\"HS256\"}";
    private static final long NOW = Answers.NOW.getEpochSecond();
    private static final String CLAIMS = claims("\"exp\":" + (NOW + 600));
    private static final KeyPair RSA = RawToken.rsa(2_048);
    private static final KeyPair CURVE = RawToken.p256();
    private static final KeyPair EDWARDS = RawToken.ed25519();

    @TempDir
    Path directory;

    private JwtConfig secretConfig;
    private JwtAuthenticator secret;
    private JwtAuthenticator keys;

    @BeforeEach
    void createAuthenticators() {
        secretConfig = JwtConfig.hmac(Answers.secretFile(directory));
        secret = JwtAuthenticator.of(secretConfig, Answers.AT_NOW);
        keys = Answers.withKeys(
                KEYS,
                RawToken.jwks(RawToken.jwk(RSA, "rsa"), RawToken.jwk(CURVE, "curve"), RawToken.jwk(EDWARDS, "edwards")),
                Answers.AT_NOW);
    }

    @Test
    void theTokensOfTheTestsAreAcceptedWithoutTheAttack() {
        assertThat(Answers.principal(secret, hs256(CLAIMS)).nick().name()).isEqualTo("ann");
        assertThat(Answers.principal(keys, RawToken.signed(RSA.getPrivate(), "{\"alg\":\"RS256\"}", CLAIMS)))
                .isNotNull();
        assertThat(Answers.principal(keys, RawToken.signed(CURVE.getPrivate(), "{\"alg\":\"ES256\"}", CLAIMS)))
                .isNotNull();
        assertThat(Answers.principal(keys, RawToken.signed(EDWARDS.getPrivate(), "{\"alg\":\"EdDSA\"}", CLAIMS)))
                .isNotNull();
    }

    @Test
    void noToken() {
        Answers.assertRefused(secret, null, Refusal.NO_TOKEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "none",
                "None",
                "NONE",
                "nOnE",
                "none ",
                "",
                "hs256",
                "HS384",
                "HS512",
                "RS512",
                "PS256",
                "ES384",
                "ES256K",
                "Ed448",
                "null",
                "dir",
                "A128KW",
                "HS256,none"
            })
    void anotherAlgorithm(String algorithm) {
        String header = "{\"alg\":\"" + algorithm + "\"}";
        String input = RawToken.unsigned(header, CLAIMS);
        for (JwtAuthenticator authenticator : new JwtAuthenticator[] {secret, keys}) {
            Answers.assertRefused(authenticator, input + ".", Refusal.MALFORMED);
            Answers.assertRefused(authenticator, input + ".AAAA", Refusal.ALGORITHM);
            Answers.assertRefused(authenticator, RawToken.hs256(Answers.SECRET, header, CLAIMS), Refusal.ALGORITHM);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"alg\":null}", "{\"alg\":256}", "{\"alg\":[\"HS256\"]}", "{\"typ\":\"JWT\"}"})
    void aHeaderWithoutAnAlgorithm(String header) {
        Answers.assertRefused(secret, RawToken.hs256(Answers.SECRET, header, CLAIMS), Refusal.ALGORITHM);
    }

    @Test
    void aSignatureWithASecretIsNotAcceptedWhereKeysAreConfiguredNorTheReverse() {
        Answers.assertRefused(keys, hs256(CLAIMS), Refusal.ALGORITHM);
        Answers.assertRefused(
                secret, RawToken.signed(RSA.getPrivate(), "{\"alg\":\"RS256\"}", CLAIMS), Refusal.ALGORITHM);
    }

    /** The attacker knows the public key, and signs with it as if it were a secret. */
    @Test
    void aPublicKeyIsNotUsedAsASecret() {
        byte[] der = RSA.getPublic().getEncoded();
        String pem = "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END PUBLIC KEY-----\n";
        for (byte[] known : new byte[][] {
            der,
            pem.getBytes(StandardCharsets.US_ASCII),
            RawToken.jwk(RSA, "rsa").getBytes(StandardCharsets.US_ASCII)
        }) {
            Answers.assertRefused(
                    keys, RawToken.hs256(known, "{\"alg\":\"HS256\",\"kid\":\"rsa\"}", CLAIMS), Refusal.ALGORITHM);
            Answers.assertRefused(
                    keys, RawToken.hs256(known, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}", CLAIMS), Refusal.SIGNATURE);
        }
    }

    @Test
    void aKeyOfAnotherTypeIsNotUsed() {
        for (String header : new String[] {
            "{\"alg\":\"RS256\",\"kid\":\"curve\"}",
            "{\"alg\":\"ES256\",\"kid\":\"edwards\"}",
            "{\"alg\":\"EdDSA\",\"kid\":\"rsa\"}"
        }) {
            Answers.assertRefused(keys, RawToken.signed(RSA.getPrivate(), header, CLAIMS), Refusal.UNKNOWN_KEY);
        }
    }

    /** A signature of zeros was valid for any text in Java 15 to 18 (CVE-2022-21449). */
    @Test
    void aSignatureOfZeros() {
        String input = RawToken.unsigned("{\"alg\":\"ES256\"}", CLAIMS);
        Answers.assertRefused(keys, input + "." + RawToken.base64(new byte[64]), Refusal.SIGNATURE);
        // An ASN.1 structure of two zeros.
        Answers.assertRefused(
                keys, input + "." + RawToken.base64(new byte[] {0x30, 6, 2, 1, 0, 2, 1, 0}), Refusal.SIGNATURE);
        String edwards = RawToken.unsigned("{\"alg\":\"EdDSA\"}", CLAIMS);
        Answers.assertRefused(keys, edwards + "." + RawToken.base64(new byte[64]), Refusal.SIGNATURE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"RS256", "ES256", "EdDSA"})
    void aSignatureOfAnotherKey(String algorithm) {
        KeyPair other = switch (algorithm) {
            case "RS256" -> RawToken.rsa(2_048);
            case "ES256" -> RawToken.p256();
            default -> RawToken.ed25519();
        };
        String token = RawToken.signed(other.getPrivate(), "{\"alg\":\"" + algorithm + "\"}", CLAIMS);
        Answers.assertRefused(keys, token, Refusal.SIGNATURE);
    }

    @Test
    void claimsOfAnotherToken() {
        String token = hs256(CLAIMS);
        String[] parts = token.split("\\.");
        String changed = parts[0] + "." + RawToken.base64(CLAIMS.replace("ann", "bob")) + "." + parts[2];
        Answers.assertRefused(secret, changed, Refusal.SIGNATURE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../../../dev/null",
                "/dev/null",
                "file:///dev/null",
                "x' UNION SELECT 'secret",
                "'; DROP TABLE keys;--",
                "http://127.0.0.1:1/key",
                "$(id)",
                "%00",
                "RSA",
                "rsa ",
                ""
            })
    void aKeyIdIsOnlyComparedWithTheKeySet(String kid) {
        String header = "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\"}";
        Answers.assertRefused(keys, RawToken.signed(RSA.getPrivate(), header, CLAIMS), Refusal.UNKNOWN_KEY);
        // An empty secret is the content of /dev/null.
        Answers.assertRefused(
                secret,
                RawToken.hs256(new byte[1], "{\"alg\":\"HS256\",\"kid\":\"" + kid + "\"}", CLAIMS),
                Refusal.SIGNATURE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "{}", "[\"rsa\"]", "true"})
    void aKeyIdThatIsNotAString(String kid) {
        String header = "{\"alg\":\"RS256\",\"kid\":" + kid + "}";
        Answers.assertRefused(keys, RawToken.signed(RSA.getPrivate(), header, CLAIMS), Refusal.MALFORMED);
    }

    @Test
    void aTokenWithoutKeyIdWhenSeveralKeysFit() {
        JwtAuthenticator two = Answers.withKeys(
                KEYS, RawToken.jwks(RawToken.jwk(CURVE, "a"), RawToken.jwk(RawToken.p256(), "b")), Answers.AT_NOW);
        Answers.assertRefused(
                two, RawToken.signed(CURVE.getPrivate(), "{\"alg\":\"ES256\"}", CLAIMS), Refusal.UNKNOWN_KEY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"jwk", "x5c", "x5t", "jku", "x5u"})
    void aKeyThatTheTokenBringsIsIgnored(String member) {
        KeyPair attacker = RawToken.rsa(2_048);
        String value = switch (member) {
            case "jwk" -> RawToken.jwk(attacker, "rsa");
            case "x5c" -> "[\"" + RawToken.base64(attacker.getPublic().getEncoded()) + "\"]";
            case "x5t" -> "\"AAAA\"";
            default -> "\"http://127.0.0.1:1/keys\"";
        };
        String header = "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"" + member + "\":" + value + "}";
        Answers.assertRefused(keys, RawToken.signed(attacker.getPrivate(), header, CLAIMS), Refusal.SIGNATURE);
        assertThat(Answers.principal(keys, RawToken.signed(RSA.getPrivate(), header, CLAIMS)))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[\"exp\"]", "[\"b64\"],\"b64\":false", "[\"b64\"],\"b64\":true", "[]", "\"x\"", "null"})
    void criticalHeaders(String crit) {
        String header = "{\"alg\":\"HS256\",\"crit\":" + crit + "}";
        Answers.assertRefused(secret, RawToken.hs256(Answers.SECRET, header, CLAIMS), Refusal.CRITICAL_HEADER);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0  | -1  |      | EXPIRED",
                "0  | 0   |      | EXPIRED",
                "30 | -31 |      | EXPIRED",
                "60 | -61 |      | EXPIRED",
                "30 | 600 | 31   | NOT_YET_VALID",
                "0  | 600 | 1    | NOT_YET_VALID",
            })
    void oneSecondBeyondTheSkew(int skew, int expiry, Integer notBefore, Refusal refusal) {
        JwtAuthenticator authenticator =
                JwtAuthenticator.of(secretConfig.withClockSkew(Duration.ofSeconds(skew)), Answers.AT_NOW);
        String times = "\"exp\":" + (NOW + expiry) + (notBefore == null ? "" : ",\"nbf\":" + (NOW + notBefore));
        Answers.assertRefused(authenticator, hs256(claims(times)), refusal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"sub\":\"ann\" | NO_EXPIRY",
                "\"sub\":\"ann\",\"exp\":null | NO_EXPIRY",
                "\"sub\":\"ann\",\"exp\":\"4102444800\" | CLAIMS",
                "\"sub\":\"ann\",\"exp\":true | CLAIMS",
                "\"sub\":\"ann\",\"exp\":[4102444800] | CLAIMS",
                "\"sub\":\"ann\",\"exp\":1e400 | CLAIMS",
                "\"sub\":\"ann\",\"exp\":1e18 | CLAIMS",
                "\"sub\":\"ann\",\"exp\":9223372036854775807 | CLAIMS",
                "\"sub\":\"ann\",\"exp\":-1e400 | EXPIRED",
                "\"sub\":\"ann\",\"exp\":0 | EXPIRED",
                "\"sub\":\"ann\",\"exp\":NaN | MALFORMED",
                "\"sub\":\"ann\",\"exp\":4102444800,\"nbf\":\"0\" | CLAIMS",
                "\"sub\":\"ann\",\"exp\":4102444800,\"nbf\":1e400 | CLAIMS",
                "\"exp\":4102444800 | SUBJECT",
                "\"sub\":null,\"exp\":4102444800 | SUBJECT",
                "\"sub\":\"\",\"exp\":4102444800 | SUBJECT",
                "\"sub\":\"a\\nb\",\"exp\":4102444800 | SUBJECT",
                "\"sub\":\"a\\u0000b\",\"exp\":4102444800 | SUBJECT",
                "\"sub\":\"a\\ud800b\",\"exp\":4102444800 | SUBJECT",
                "\"sub\":7,\"exp\":4102444800 | CLAIMS",
                "\"sub\":[\"ann\"],\"exp\":4102444800 | CLAIMS",
                "\"sub\":\"ann\",\"sub\":\"bob\",\"exp\":4102444800 | MALFORMED",
                "\"sub\":\"ann\",\"exp\":1,\"exp\":4102444800 | MALFORMED",
                "\"sub\":\"ann\",\"exp\":4102444800,\"aud\":\"shop\" | AUDIENCE",
            })
    void wrongClaims(String claims, Refusal refusal) {
        Answers.assertRefused(secret, hs256("{" + claims + "}"), refusal);
    }

    @Test
    void aSubjectThatIsTooLong() {
        String claims = CLAIMS.replace("ann", "a".repeat(65));
        Answers.assertRefused(secret, hs256(claims), Refusal.SUBJECT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "\"*\"",
                "[\"*\"]",
                "true",
                "{\"read\":\"*\"}",
                "{\"read\":null}",
                "{\"read\":{\"*\":1}}",
                "{\"read\":[1]}",
                "{\"read\":[null]}",
                "{\"read\":[[\"*\"]]}",
                "{\"read\":[\"\"]}",
                "{\"publish\":[\"*a\"]}",
                "{\"publish\":[\"a*b\"]}",
                "{\"publish\":[\"**\"]}",
                "{\"read\":[\"a\"],\"read\":[\"*\"]}"
            })
    void malformedRooms(String rooms) {
        String token = hs256(claims("\"exp\":" + (NOW + 600) + ",\"rooms\":" + rooms));
        Answers.assertRefused(secret, token, rooms.contains("],\"read\"") ? Refusal.MALFORMED : Refusal.ROOMS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"aud\":\"shop\",", "\"aud\":[],", "\"aud\":[\"shop\",\"Chat\"],", "\"aud\":null,"})
    void anotherAudience(String audience) {
        JwtAuthenticator chat = JwtAuthenticator.of(secretConfig.withAudience("chat"), Answers.AT_NOW);
        Answers.assertRefused(
                chat, hs256("{\"sub\":\"ann\"," + audience + "\"exp\":" + (NOW + 600) + "}"), Refusal.AUDIENCE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"iss\":\"https://other\",", "\"iss\":\"https://issuer/\",", "\"iss\":null,"})
    void anotherIssuer(String issuer) {
        JwtAuthenticator strict = JwtAuthenticator.of(secretConfig.withIssuer("https://issuer"), Answers.AT_NOW);
        Answers.assertRefused(
                strict, hs256("{\"sub\":\"ann\"," + issuer + "\"exp\":" + (NOW + 600) + "}"), Refusal.ISSUER);
    }

    @Test
    void aLongTokenIsRefusedBeforeItIsParsed() {
        String padding = "x".repeat(TokenHeader.MAX_LENGTH);
        Answers.assertRefused(
                secret, hs256(claims("\"exp\":" + (NOW + 600) + ",\"x\":\"" + padding + "\"")), Refusal.TOO_LONG);
        Answers.assertRefused(secret, ".".repeat(TokenHeader.MAX_LENGTH + 1), Refusal.TOO_LONG);
        Answers.assertRefused(secret, ".".repeat(TokenHeader.MAX_LENGTH), Refusal.MALFORMED);
    }

    @Test
    void otherForms() {
        String token = hs256(CLAIMS);
        String[] parts = token.split("\\.");
        for (String form : new String[] {
            "",
            ".",
            "..",
            "...",
            "ann",
            token + ".",
            "." + token,
            token + "." + parts[2],
            token + ".." + parts[2],
            parts[0] + "." + parts[1],
            parts[0] + ".." + parts[2],
            parts[0] + parts[1] + "." + parts[2],
            token + "=",
            token + " ",
            " " + token,
            token + "\n",
            token + "!",
            token + "\u0000",
            token.replace(".", ". "),
            token.replace(".", "\u3002"),
            "Bearer " + token,
            "é" + token,
            parts[0] + "=." + parts[1] + "." + parts[2],
            token.replace(parts[0], RawToken.base64("[]")),
            token.replace(parts[0], RawToken.base64("\"HS256\"")),
            token.replace(parts[0], RawToken.base64(HS256 + HS256)),
            token.replace(parts[0], RawToken.base64("{")),
            RawToken.hs256(Answers.SECRET, "{\"alg\":\"HS256\",\"alg\":\"none\"}", CLAIMS),
            RawToken.hs256(Answers.SECRET, "{\"alg\":\"none\",\"alg\":\"HS256\"}", CLAIMS),
            hs256(CLAIMS + "}"),
            hs256("[" + CLAIMS + "]"),
            hs256("null"),
            hs256("ann"),
            hs256("[".repeat(5_000)),
        }) {
            Answers.assertRefused(secret, form, Refusal.MALFORMED);
        }
    }

    @Test
    void aSignatureThatIsLongerOrShorter() {
        String token = hs256(CLAIMS);
        Answers.assertRefused(secret, token + "A", Refusal.SIGNATURE);
        Answers.assertRefused(secret, token + "AAAAA", Refusal.SIGNATURE);
        Answers.assertRefused(secret, token.substring(0, token.lastIndexOf('.') + 5), Refusal.SIGNATURE);
    }

    @Test
    void anEncryptedTokenAndATokenInsideAToken() {
        String inner = hs256(CLAIMS);
        Answers.assertRefused(
                secret,
                RawToken.base64("{\"alg\":\"dir\",\"enc\":\"A128GCM\",\"cty\":\"JWT\"}") + "..AAAA."
                        + RawToken.base64(inner) + ".AAAA",
                Refusal.MALFORMED);
        Answers.assertRefused(
                secret,
                RawToken.hs256(Answers.SECRET, "{\"alg\":\"HS256\",\"cty\":\"JWT\"}", inner),
                Refusal.MALFORMED);
        Answers.assertRefused(secret, hs256(inner), Refusal.MALFORMED);
    }

    /** Any bytes are refused with 401, and never with an exception that would be logged. */
    @Test
    void changedTokensAreRefused() {
        Random random = new Random(1);
        String[] parts = hs256(CLAIMS).split("\\.");
        for (int i = 0; i < 20_000; i++) {
            int changed = random.nextInt(3);
            byte[] bytes = Base64.getUrlDecoder().decode(parts[changed]);
            for (int n = random.nextInt(3); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
            }
            String[] copy = parts.clone();
            copy[changed] = RawToken.base64(bytes);
            assertUnauthenticated(String.join(".", copy), parts);
            // The same claims with a valid signature: they reach the checks of the claims.
            if (changed == 1) {
                Throwable failure = Answers.failure(secret, hs256(new String(bytes, StandardCharsets.ISO_8859_1)));
                if (failure != null) {
                    assertThat(Bearer.response(failure)).isEqualTo("401 unauthenticated");
                }
            }
        }
    }

    private void assertUnauthenticated(String token, String[] original) {
        if (!token.equals(String.join(".", original))) {
            assertThat(Bearer.response(Answers.failure(secret, token))).isEqualTo("401 unauthenticated");
        }
    }

    private static String claims(String more) {
        return "{\"sub\":\"ann\"," + more + "}";
    }

    private static String hs256(String claims) {
        return RawToken.hs256(Answers.SECRET, HS256, claims);
    }
}
