package dev.confab.demo;

import dev.confab.jwt.JwtAuthenticator;
import dev.confab.jwt.JwtAuthorizer;
import dev.confab.jwt.JwtConfig;
import dev.confab.netty.AccessConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the options for JSON Web Tokens. */
final class Tokens {
    private static final String SECRET_FILE = "--jwt-secret-file";
    private static final String JWKS_URL = "--jwks-url";
    private static final String AUDIENCE = "--jwt-audience";

    /** The time for which a connection that polls need not have its token verified again. */
    private static final Duration TOKEN_LIFETIME = Duration.ofSeconds(30);

    /** The time in which a WebSocket that was opened without a token may send it. */
    private static final Duration FIRST_FRAME = Duration.ofSeconds(10);

    /** The options, by the names that the library uses in its messages. */
    private static final Map<String, String> OPTIONS =
            Map.of("secretFile", SECRET_FILE, "jwks", JWKS_URL, "audience", AUDIENCE);

    private Tokens() {}

    /**
     * Returns the access control that the options ask for; empty if they are all missing, because then everybody is
     * served.
     *
     * @throws IllegalArgumentException when an option is wrong; the message names it and contains no secret
     */
    static Optional<AccessConfig> access(
            @Nullable Path secretFile, @Nullable String jwksUrl, @Nullable String audience) {
        if (secretFile == null && jwksUrl == null) {
            if (audience != null) {
                throw new IllegalArgumentException(
                        AUDIENCE + ": " + audience + " (expected: only with " + SECRET_FILE + " or " + JWKS_URL + ")");
            }
            return Optional.empty();
        }
        try {
            JwtConfig config = config(secretFile, jwksUrl).withAudience(audience);
            return Optional.of(AccessConfig.of(JwtAuthenticator.of(config), new JwtAuthorizer())
                    .withFirstFrame(FIRST_FRAME)
                    .withTokenLifetime(TOKEN_LIFETIME));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(withOption(String.valueOf(e.getMessage())), e);
        }
    }

    private static JwtConfig config(@Nullable Path secretFile, @Nullable String jwksUrl) {
        if (secretFile == null) {
            return JwtConfig.jwks(url(String.valueOf(jwksUrl)));
        }
        if (jwksUrl != null) {
            throw new IllegalArgumentException(SECRET_FILE + ", " + JWKS_URL + ": both (expected: only one of them)");
        }
        return JwtConfig.hmac(secretFile);
    }

    private static URI url(String given) {
        try {
            return new URI(given.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(JWKS_URL + ": not a URL (expected: https://…)", e);
        }
    }

    /** Replaces the name at the beginning of a message by the name of the option. */
    private static String withOption(String message) {
        String name = message.replaceFirst("(?s):.*", "");
        String option = OPTIONS.get(name);
        return option == null ? message : option + message.substring(name.length());
    }
}
