package dev.confab.spring;

import dev.confab.core.ChatException;
import dev.confab.core.Reason;
import dev.confab.netty.Authenticator;
import dev.confab.netty.Credentials;
import dev.confab.netty.HttpException;
import dev.confab.netty.Principal;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.springframework.core.convert.converter.Converter;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;

/**
 * Makes a principal of Spring Security's {@code Authentication}: its name is the nick, and the token's expiry is the
 * principal's. The attribute {@value #AUTHENTICATION} has the {@code Authentication}, with its authorities. A decoder
 * may block, because it fetches keys, so it runs on threads of its own. Thread-safe.
 */
public final class JwtDecoderAuthenticator implements Authenticator, AutoCloseable {
    /** The name of the attribute that has the {@link Authentication}. */
    public static final String AUTHENTICATION = "authentication";

    private static final int THREADS = 4;

    /** The number of requests that wait for a thread. Further requests get 503 {@code overloaded}. */
    private static final int MAX_WAITING = 1_000;

    private final JwtDecoder decoder;
    private final Converter<Jwt, AbstractAuthenticationToken> converter;
    private final ThreadPoolExecutor threads;

    JwtDecoderAuthenticator(JwtDecoder decoder, Converter<Jwt, AbstractAuthenticationToken> converter) {
        this.decoder = decoder;
        this.converter = converter;
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(MAX_WAITING),
                new CustomizableThreadFactory("confab-authenticate-"));
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public CompletableFuture<Principal> authenticate(Credentials credentials) {
        String token = credentials.token();
        if (token == null) {
            throw HttpException.unauthenticated("A token is missing");
        }
        try {
            return CompletableFuture.supplyAsync(() -> principal(token), threads);
        } catch (RejectedExecutionException e) {
            throw new ChatException(Reason.OVERLOADED, "Too many clients authenticate: repeat the request later");
        }
    }

    private Principal principal(String token) {
        Jwt jwt;
        try {
            jwt = decoder.decode(token);
        } catch (BadJwtException e) { // its text may have a part of the token
            throw HttpException.unauthenticated("The token is not valid");
        }
        Authentication authentication = converter.convert(jwt);
        if (authentication == null) {
            throw HttpException.unauthenticated("The token is not valid");
        }
        return Principal.of(authentication.getName())
                .withExpiry(jwt.getExpiresAt())
                .withAttributes(Map.of(AUTHENTICATION, authentication));
    }

    /** Ends the threads. Requests that wait for one are not answered, because the server is closed before. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
