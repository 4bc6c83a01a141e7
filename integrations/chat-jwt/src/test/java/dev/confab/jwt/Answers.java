package dev.confab.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.confab.netty.Bearer;
import dev.confab.netty.Principal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jose4j.lang.JoseException;

/** Asks authenticators about tokens, and checks their answers. */
final class Answers {
    static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    static final InstantSource AT_NOW = InstantSource.fixed(NOW);
    static final byte[] SECRET = "The secret of the tests: 32 bytes or more".getBytes();

    private Answers() {}

    static Path secretFile(Path directory) {
        return write(directory.resolve("secret"), Base64.getEncoder().encodeToString(SECRET));
    }

    static Path write(Path file, String content) {
        try {
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns an authenticator with a fixed key set, which verifies on the thread of the caller. */
    static JwtAuthenticator withKeys(JwtConfig config, String jwks, InstantSource clock) {
        KeySet keys;
        try {
            keys = KeySet.parse(jwks);
        } catch (JoseException e) {
            throw new IllegalArgumentException(e);
        }
        Jwks source = new Jwks(() -> CompletableFuture.completedFuture(keys), config.keyLifetime(), System::nanoTime);
        return new JwtAuthenticator(config, source, Runnable::run, clock);
    }

    static Principal principal(JwtAuthenticator authenticator, String token) {
        return authenticator
                .authenticate(Bearer.of(token))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    static Throwable failure(JwtAuthenticator authenticator, String token) {
        CompletableFuture<Principal> answer = authenticator.authenticate(Bearer.of(token));
        Throwable failure =
                catchThrowable(() -> answer.orTimeout(60, TimeUnit.SECONDS).join());
        return failure instanceof CompletionException ? failure.getCause() : failure;
    }

    /** Checks that a token is refused with 401, for this reason, and that the text shows no part of the token. */
    static void assertRefused(JwtAuthenticator authenticator, String token, Refusal refusal) {
        Throwable failure = failure(authenticator, token);
        assertThat(failure)
                .isNotNull()
                .hasMessage(refusal.exception().getMessage())
                .hasNoCause();
        assertThat(Bearer.response(failure)).isEqualTo("401 unauthenticated");
    }

    static void assertUnavailable(JwtAuthenticator authenticator, String token) {
        assertThat(Bearer.response(failure(authenticator, token))).isEqualTo("503 unavailable");
    }
}
