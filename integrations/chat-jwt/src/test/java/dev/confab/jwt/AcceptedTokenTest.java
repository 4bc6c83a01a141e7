package dev.confab.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.confab.netty.Principal;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that tokens of other libraries are accepted. */
final class AcceptedTokenTest {
    private static final JwtConfig KEYS = JwtConfig.jwks(URI.create("https://issuer.example/jwks"));
    private static final Instant EXPIRY = Answers.NOW.plusSeconds(600);
    private static final RoomGrants ROOMS = new RoomGrants(List.of("team-*"), List.of("team-a"));

    @TempDir
    Path directory;

    @Test
    void nimbusWithASharedSecret() throws Exception {
        JwtAuthenticator authenticator =
                JwtAuthenticator.of(JwtConfig.hmac(Answers.secretFile(directory)), Answers.AT_NOW);
        assertAnn(Answers.principal(authenticator, nimbus(JWSAlgorithm.HS256, new MACSigner(Answers.SECRET))));
    }

    @Test
    void nimbusWithRsa() throws Exception {
        KeyPair pair = RawToken.rsa(2_048);
        JwtAuthenticator authenticator = Answers.withKeys(KEYS, RawToken.jwks(RawToken.jwk(pair, "k")), Answers.AT_NOW);
        assertAnn(Answers.principal(authenticator, nimbus(JWSAlgorithm.RS256, new RSASSASigner(pair.getPrivate()))));
    }

    @Test
    void nimbusWithAnEllipticCurve() throws Exception {
        KeyPair pair = RawToken.p256();
        JwtAuthenticator authenticator = Answers.withKeys(KEYS, RawToken.jwks(RawToken.jwk(pair, "k")), Answers.AT_NOW);
        assertAnn(Answers.principal(
                authenticator, nimbus(JWSAlgorithm.ES256, new ECDSASigner((ECPrivateKey) pair.getPrivate()))));
    }

    @Test
    void theJdkWithEd25519() {
        KeyPair pair = RawToken.ed25519();
        JwtAuthenticator authenticator = Answers.withKeys(KEYS, RawToken.jwks(RawToken.jwk(pair, "k")), Answers.AT_NOW);
        String token = RawToken.signed(
                pair.getPrivate(),
                "{\"alg\":\"EdDSA\"}",
                "{\"sub\":\"ann\",\"exp\":" + EXPIRY.getEpochSecond()
                        + ",\"rooms\":{\"read\":[\"team-*\"],\"publish\":[\"team-a\"]}}");
        assertAnn(Answers.principal(authenticator, token));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HS256", "RS256", "ES256", "EdDSA"})
    void joseForNode(String algorithm) {
        Properties tokens = new Properties();
        try (InputStream in = AcceptedTokenTest.class.getResourceAsStream("/jose-tokens.properties")) {
            tokens.load(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        Path secret = Answers.write(directory.resolve("jose"), tokens.getProperty("secret") + "\n");
        JwtConfig config = (algorithm.equals("HS256") ? JwtConfig.hmac(secret) : KEYS)
                .withAudience("chat")
                .withIssuer("https://issuer.example");
        JwtAuthenticator authenticator = algorithm.equals("HS256")
                ? JwtAuthenticator.of(config, Answers.AT_NOW)
                : Answers.withKeys(config, resource("/jose-keys.json"), Answers.AT_NOW);
        Principal ann = Answers.principal(authenticator, tokens.getProperty(algorithm));
        assertThat(ann)
                .isEqualTo(Principal.of("ann")
                        .withExpiry(Instant.ofEpochSecond(4_102_444_800L).plusSeconds(30))
                        .withAttributes(Map.of("rooms", ROOMS)));
    }

    /** The examples of RFC 7515 have no subject, so they are refused for that, but only after their signature. */
    @Test
    void theSignaturesOfTheExamplesInRfc7515AreValid() {
        String claims =
                ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
        InstantSource clock = InstantSource.fixed(Instant.ofEpochSecond(1_300_819_370));
        Path secret = Answers.write(
                directory.resolve("rfc"),
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
        Answers.assertRefused(
                JwtAuthenticator.of(JwtConfig.hmac(secret), clock),
                "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" + claims + "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                Refusal.SUBJECT);
        String keys = RawToken.jwks(
                "{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ"
                        + "PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX"
                        + "ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aG"
                        + "hyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                        + "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}");
        JwtAuthenticator authenticator = Answers.withKeys(KEYS, keys, clock);
        Answers.assertRefused(
                authenticator,
                "eyJhbGciOiJSUzI1NiJ9" + claims
                        + "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5juj"
                        + "Gbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7"
                        + "K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np"
                        + "6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
                Refusal.SUBJECT);
        Answers.assertRefused(
                authenticator,
                "eyJhbGciOiJFUzI1NiJ9" + claims
                        + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
                Refusal.SUBJECT);
    }

    @Test
    void aTokenIsAcceptedUntilTheSkewIsOver() {
        JwtAuthenticator authenticator = JwtAuthenticator.of(
                JwtConfig.hmac(Answers.secretFile(directory)).withClockSkew(Duration.ofSeconds(60)), Answers.AT_NOW);
        for (String times : List.of(
                "\"exp\":" + Answers.NOW.minusSeconds(59).getEpochSecond(),
                "\"exp\":" + Answers.NOW.minusSeconds(58).getEpochSecond() + ".5",
                "\"exp\":" + EXPIRY.getEpochSecond() + ",\"nbf\":"
                        + Answers.NOW.plusSeconds(60).getEpochSecond())) {
            String token = RawToken.hs256(Answers.SECRET, "{\"alg\":\"HS256\"}", "{\"sub\":\"ann\"," + times + "}");
            assertThat(Answers.principal(authenticator, token).nick().name()).isEqualTo("ann");
        }
    }

    @Test
    void oneOfSeveralAudiencesIsEnough() {
        JwtAuthenticator authenticator = JwtAuthenticator.of(
                JwtConfig.hmac(Answers.secretFile(directory)).withAudience("chat"), Answers.AT_NOW);
        String token = RawToken.hs256(
                Answers.SECRET,
                "{\"alg\":\"HS256\"}",
                "{\"sub\":\"Ann Ä\",\"aud\":[\"shop\",\"chat\"],\"exp\":" + EXPIRY.getEpochSecond() + "}");
        assertThat(Answers.principal(authenticator, token).nick().name()).isEqualTo("Ann Ä");
    }

    private static String nimbus(JWSAlgorithm algorithm, JWSSigner signer) throws Exception {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .subject("ann")
                .expirationTime(Date.from(EXPIRY))
                .issueTime(Date.from(Answers.NOW))
                .claim("rooms", Map.of("read", List.of("team-*"), "publish", List.of("team-a")))
                .build();
        SignedJWT token =
                new SignedJWT(new JWSHeader.Builder(algorithm).keyID("k").build(), claims);
        token.sign(signer);
        return token.serialize();
    }

    private static void assertAnn(Principal principal) {
        assertThat(principal)
                .isEqualTo(
                        Principal.of("ann").withExpiry(EXPIRY.plusSeconds(30)).withAttributes(Map.of("rooms", ROOMS)));
    }

    private static String resource(String name) {
        try (InputStream in = AcceptedTokenTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
