package dev.confab.jwt;

import dev.confab.core.ChatException;
import dev.confab.core.Nick;
import dev.confab.core.Reason;
import dev.confab.netty.Authenticator;
import dev.confab.netty.Credentials;
import dev.confab.netty.HttpException;
import dev.confab.netty.Principal;
import java.net.URI;
import java.nio.file.Path;
import java.security.Key;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.ErrorCodeValidator;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Takes the principal of a client from its signed JSON Web Token. The claim {@code sub} is the nick. The expiry is
 * {@code exp}, later by the {@linkplain JwtConfig#clockSkew() clock skew}. The attribute {@code rooms} has the
 * {@link RoomGrants} of the claim {@code rooms}, which {@link JwtAuthorizer} uses.
 *
 * <p>A token is refused
 * <ul>
 *   <li>with 401 {@code unauthenticated} and a text that gives the reason, but no part of the token;
 *   <li>with 503 {@code unavailable} while the keys of the issuer cannot be read;
 *   <li>with 503 {@code overloaded} while 4,096 other tokens wait for the verification of their
 *       signatures.
 * </ul>
 *
 * <p>Thread-safe. Signatures of public keys are verified, and keys are read, on threads of this object, which end when
 * they are idle. So an authenticator need not be closed.
 */
public final class JwtAuthenticator implements Authenticator {
    private static final int MAX_WAITING = 4_096;
    private static final int MAX_THREADS = 4;

    /** The end of the year 9999: a later time is a mistake, and would overflow in calculations. */
    private static final long MAX_SECONDS = 253_402_300_799L;

    private final JwtConfig config;
    private final KeySource keys;
    private final Executor executor;
    private final InstantSource clock;

    JwtAuthenticator(JwtConfig config, KeySource keys, Executor executor, InstantSource clock) {
        this.config = config;
        this.keys = keys;
        this.executor = executor;
        this.clock = clock;
    }

    /**
     * Returns an authenticator. Reads the secret at once, and the keys of a URL when the first token arrives.
     *
     * @throws IllegalArgumentException when the file with the secret cannot be read or has no usable secret
     */
    public static JwtAuthenticator of(JwtConfig config) {
        return of(config, InstantSource.system());
    }

    static JwtAuthenticator of(JwtConfig config, InstantSource clock) {
        Path file = config.secretFile();
        URI url = config.jwks();
        if (file != null) {
            // An HMAC costs about as much as the way to another thread and back.
            return new JwtAuthenticator(config, HmacSecret.read(file), Runnable::run, clock);
        }
        if (url == null) {
            throw new IllegalArgumentException("jwks: null (expected: a URL)");
        }
        // Without a limit for waiting tasks, because there is only one exchange with the server at a time.
        Executor reading = DaemonThreads.pool("jwt-keys", 2, Integer.MAX_VALUE);
        JwksServer server = new JwksServer(url, JwksServer.TIMEOUT, reading);
        int threads = Math.min(Runtime.getRuntime().availableProcessors(), MAX_THREADS);
        return new JwtAuthenticator(
                config,
                new Jwks(server, config.keyLifetime(), System::nanoTime),
                DaemonThreads.pool("jwt-verify", threads, MAX_WAITING),
                clock);
    }

    @Override
    public CompletableFuture<Principal> authenticate(Credentials credentials) {
        CompletableFuture<Principal> result = new CompletableFuture<>();
        try {
            String token = credentials.token();
            TokenHeader header = TokenHeader.parse(token, config.algorithms());
            keys.find(header)
                    .thenApplyAsync(key -> verify(String.valueOf(token), header.algorithm(), key), executor)
                    .whenComplete((principal, failure) -> complete(result, principal, failure));
        } catch (HttpException e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    private static void complete(
            CompletableFuture<Principal> result, @Nullable Principal principal, @Nullable Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof RejectedExecutionException) {
            result.completeExceptionally(
                    new ChatException(Reason.OVERLOADED, "The server verifies too many tokens; try again later"));
        } else if (cause != null) {
            result.completeExceptionally(cause);
        } else {
            result.complete(principal);
        }
    }

    private Principal verify(String token, JwtAlgorithm algorithm, Key key) {
        JwtConsumerBuilder checks = new JwtConsumerBuilder()
                .setJwsAlgorithmConstraints(ConstraintType.PERMIT, algorithm.id())
                .setVerificationKey(key)
                .setRequireExpirationTime()
                .setRequireSubject()
                .setEvaluationTime(NumericDate.fromMilliseconds(clock.millis()))
                .setAllowedClockSkewInSeconds((int) config.clockSkew().toSeconds());
        if (config.audience() != null) {
            checks.setExpectedAudience(config.audience());
        }
        if (config.issuer() != null) {
            checks.setExpectedIssuer(config.issuer());
        }
        try {
            return principal(checks.build().process(token).getJwtClaims());
        } catch (InvalidJwtException e) {
            // The exception contains the claims, so it is neither logged nor a cause.
            throw refusal(e.getErrorDetails()).exception();
        }
    }

    private Principal principal(JwtClaims claims) {
        try {
            long expiry = claims.getExpirationTime().getValue();
            if (expiry > MAX_SECONDS) {
                throw Refusal.CLAIMS.exception();
            }
            return new Principal(
                    nick(claims.getSubject()),
                    Instant.ofEpochSecond(expiry).plus(config.clockSkew()),
                    Map.of(RoomGrants.NAME, rooms(claims.getClaimsMap())));
        } catch (MalformedClaimException e) {
            throw Refusal.CLAIMS.exception();
        }
    }

    private static Nick nick(String subject) {
        try {
            return new Nick(subject);
        } catch (ChatException e) {
            throw Refusal.SUBJECT.exception();
        }
    }

    private RoomGrants rooms(Map<String, Object> claims) {
        if (!claims.containsKey(RoomGrants.NAME)) {
            return config.defaultRooms();
        }
        try {
            return RoomGrants.parse(claims.get(RoomGrants.NAME));
        } catch (IllegalArgumentException e) {
            throw Refusal.ROOMS.exception();
        }
    }

    /** Takes the first error, because the verification of the signature comes before that of the claims. */
    private static Refusal refusal(List<ErrorCodeValidator.Error> errors) {
        return errors.isEmpty() ? Refusal.MALFORMED : refusal(errors.get(0).getErrorCode());
    }

    private static Refusal refusal(int code) {
        return switch (code) {
            case ErrorCodes.SIGNATURE_INVALID, ErrorCodes.SIGNATURE_MISSING -> Refusal.SIGNATURE;
            case ErrorCodes.EXPIRED -> Refusal.EXPIRED;
            case ErrorCodes.EXPIRATION_MISSING -> Refusal.NO_EXPIRY;
            case ErrorCodes.NOT_YET_VALID -> Refusal.NOT_YET_VALID;
            case ErrorCodes.AUDIENCE_MISSING, ErrorCodes.AUDIENCE_INVALID -> Refusal.AUDIENCE;
            case ErrorCodes.ISSUER_MISSING, ErrorCodes.ISSUER_INVALID -> Refusal.ISSUER;
            case ErrorCodes.SUBJECT_MISSING -> Refusal.SUBJECT;
            case ErrorCodes.MALFORMED_CLAIM, ErrorCodes.MISCELLANEOUS -> Refusal.CLAIMS;
            default -> Refusal.MALFORMED;
        };
    }
}
