package dev.confab.jwt;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that a {@link JwtAuthenticator} accepts. Start from {@link #hmac} or {@link #jwks}.
 *
 * @param secretFile the file with the secret in base64, for HS256; null if {@code jwks} is set
 * @param jwks the URL of a JSON Web Key Set with the public keys of the issuer; null if {@code secretFile} is set
 * @param algorithms the accepted algorithms. A token with any other algorithm is refused
 * @param audience the value that the claim {@code aud} must contain. If null, a token with an audience is refused,
 *     because it is for somebody else
 * @param issuer the value that the claim {@code iss} must have; null if any issuer is accepted
 * @param clockSkew the difference between the clocks of issuer and server that is allowed for {@code exp} and
 *     {@code nbf}, at most 60 s
 * @param keyLifetime the time for which the server uses the keys of {@code jwks} while they cannot be read again, 5 min
 *     to 7 days
 * @param defaultRooms the rooms of a token without the claim {@code rooms}
 */
public record JwtConfig(
        @Nullable Path secretFile,
        @Nullable URI jwks,
        Set<JwtAlgorithm> algorithms,
        @Nullable String audience,
        @Nullable String issuer,
        Duration clockSkew,
        Duration keyLifetime,
        RoomGrants defaultRooms) {
    private static final Duration MAX_SKEW = Duration.ofSeconds(60);
    private static final Duration MAX_LIFETIME = Duration.ofDays(7);
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    /** @throws IllegalArgumentException when a value is invalid */
    public JwtConfig {
        algorithms = Set.copyOf(algorithms);
        if ((secretFile == null) == (jwks == null)) {
            throw new IllegalArgumentException(
                    "secretFile, jwks: " + secretFile + ", " + jwks + " (expected: exactly one of them)");
        }
        // A secret that verifies signatures of public keys, or a public key used as a secret, would let anybody sign.
        boolean isSecret = jwks == null;
        if (algorithms.isEmpty()
                || algorithms.stream().anyMatch(algorithm -> (algorithm == JwtAlgorithm.HS256) != isSecret)) {
            throw new IllegalArgumentException("algorithms: " + algorithms + " (expected: "
                    + (isSecret ? "HS256 with a secret" : "RS256, ES256 or EDDSA with a key set") + ")");
        }
        if (jwks != null && !isSafe(jwks)) {
            throw new IllegalArgumentException(
                    "jwks: a URL that is not safe (expected: https, or http to a loopback address, without a user)");
        }
        if (audience != null && audience.isEmpty()) {
            throw new IllegalArgumentException("audience: empty (expected: a text)");
        }
        if (issuer != null && issuer.isEmpty()) {
            throw new IllegalArgumentException("issuer: empty (expected: a text)");
        }
        if (clockSkew.isNegative() || clockSkew.compareTo(MAX_SKEW) > 0) {
            throw new IllegalArgumentException("clockSkew: " + clockSkew + " (expected: 0 to 60 s)");
        }
        if (keyLifetime.compareTo(Jwks.REFRESH) < 0 || keyLifetime.compareTo(MAX_LIFETIME) > 0) {
            throw new IllegalArgumentException("keyLifetime: " + keyLifetime + " (expected: 5 min to 7 days)");
        }
    }

    /**
     * Returns a configuration for tokens with HS256, whose issuer shares a secret with the server.
     *
     * @param secretFile a file with a secret of at least 256 bits, in base64 or base64url
     */
    public static JwtConfig hmac(Path secretFile) {
        return of(secretFile, null, Set.of(JwtAlgorithm.HS256));
    }

    /**
     * Returns a configuration for tokens with RS256, ES256 or EdDSA, whose issuer publishes its keys.
     *
     * @param url the URL of the JSON Web Key Set: https, or http to a loopback address. Redirects are not followed
     * @throws IllegalArgumentException when the URL is another one
     */
    public static JwtConfig jwks(URI url) {
        return of(null, url, Set.of(JwtAlgorithm.RS256, JwtAlgorithm.ES256, JwtAlgorithm.EDDSA));
    }

    public JwtConfig withAlgorithms(Set<JwtAlgorithm> accepted) {
        return new JwtConfig(secretFile, jwks, accepted, audience, issuer, clockSkew, keyLifetime, defaultRooms);
    }

    public JwtConfig withAudience(@Nullable String value) {
        return new JwtConfig(secretFile, jwks, algorithms, value, issuer, clockSkew, keyLifetime, defaultRooms);
    }

    public JwtConfig withIssuer(@Nullable String value) {
        return new JwtConfig(secretFile, jwks, algorithms, audience, value, clockSkew, keyLifetime, defaultRooms);
    }

    public JwtConfig withClockSkew(Duration time) {
        return new JwtConfig(secretFile, jwks, algorithms, audience, issuer, time, keyLifetime, defaultRooms);
    }

    public JwtConfig withKeyLifetime(Duration time) {
        return new JwtConfig(secretFile, jwks, algorithms, audience, issuer, clockSkew, time, defaultRooms);
    }

    public JwtConfig withDefaultRooms(RoomGrants rooms) {
        return new JwtConfig(secretFile, jwks, algorithms, audience, issuer, clockSkew, keyLifetime, rooms);
    }

    private static JwtConfig of(@Nullable Path secretFile, @Nullable URI jwks, Set<JwtAlgorithm> algorithms) {
        return new JwtConfig(
                secretFile, jwks, algorithms, null, null, Duration.ofSeconds(30), Duration.ofHours(4), RoomGrants.NONE);
    }

    private static boolean isSafe(URI url) {
        String scheme = url.getScheme();
        String host = url.getHost();
        return scheme != null
                && host != null
                && url.getRawUserInfo() == null
                && (scheme.equalsIgnoreCase("https")
                        || (scheme.equalsIgnoreCase("http")
                                && LOOPBACK.matcher(host).matches()));
    }
}
