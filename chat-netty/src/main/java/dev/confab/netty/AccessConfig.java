package dev.confab.netty;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an {@link Access}: the application's two interfaces, and the places of a token. Start from
 * {@link #of}.
 *
 * @param authenticator finds out who a client is
 * @param authorizer decides what the client may do
 * @param decisionLifetime the time for which a connection uses a decision of the authorizer again; zero for not at all
 * @param cookie the name of the cookie that may have the token; null for none. Pages of other origins cannot use the
 *     cookie, because their requests are refused unless {@link Routes#allowing} allows them
 * @param queryParameter the name of the query parameter that may have the token; null for none, which is the default:
 *     the target of a request is written to the logs of proxies
 * @param firstFrame the time in which a WebSocket that was opened without a valid token may send the frame
 *     {@code {"type":"auth","token":…}}; zero if the token must come with the handshake
 * @param tokenLifetime the time for which a connection uses an authentication again while its requests have the same
 *     token; zero for not at all. Only for an authenticator that looks at nothing but the token. The connection keeps
 *     the token in memory
 * @param maxReaders the largest number of WebSockets, event streams and waiting requests that one principal may have
 *     open on this node. A further WebSocket is closed with 4429, and a further stream or request gets
 *     {@code too_many_connections}
 */
public record AccessConfig(
        Authenticator authenticator,
        Authorizer authorizer,
        Duration decisionLifetime,
        @Nullable String cookie,
        @Nullable String queryParameter,
        Duration firstFrame,
        Duration tokenLifetime,
        int maxReaders) {

    private static final Duration MAX_TIME = Duration.ofDays(365);

    /** @throws IllegalArgumentException if a time is negative or above 365 days, or {@code maxReaders} is below 1 */
    public AccessConfig {
        check("decisionLifetime", decisionLifetime);
        check("firstFrame", firstFrame);
        check("tokenLifetime", tokenLifetime);
        if (maxReaders < 1) {
            throw new IllegalArgumentException("maxReaders: " + maxReaders + " (expected: 1 or more)");
        }
    }

    /**
     * Returns a configuration with {@code Authorization: Bearer} and the WebSocket subprotocol as the places of a
     * token, 30 s for decisions, no first frame, no repeated use of an authentication, and 1,000 readers of a
     * principal.
     */
    public static AccessConfig of(Authenticator authenticator, Authorizer authorizer) {
        return new AccessConfig(
                authenticator, authorizer, Duration.ofSeconds(30), null, null, Duration.ZERO, Duration.ZERO, 1_000);
    }

    public AccessConfig withDecisionLifetime(Duration time) {
        return new AccessConfig(
                authenticator, authorizer, time, cookie, queryParameter, firstFrame, tokenLifetime, maxReaders);
    }

    public AccessConfig withCookie(@Nullable String name) {
        return new AccessConfig(
                authenticator,
                authorizer,
                decisionLifetime,
                name,
                queryParameter,
                firstFrame,
                tokenLifetime,
                maxReaders);
    }

    public AccessConfig withQueryParameter(@Nullable String name) {
        return new AccessConfig(
                authenticator, authorizer, decisionLifetime, cookie, name, firstFrame, tokenLifetime, maxReaders);
    }

    public AccessConfig withFirstFrame(Duration deadline) {
        return new AccessConfig(
                authenticator,
                authorizer,
                decisionLifetime,
                cookie,
                queryParameter,
                deadline,
                tokenLifetime,
                maxReaders);
    }

    public AccessConfig withTokenLifetime(Duration time) {
        return new AccessConfig(
                authenticator, authorizer, decisionLifetime, cookie, queryParameter, firstFrame, time, maxReaders);
    }

    public AccessConfig withMaxReaders(int max) {
        return new AccessConfig(
                authenticator, authorizer, decisionLifetime, cookie, queryParameter, firstFrame, tokenLifetime, max);
    }

    private static void check(String name, Duration time) {
        if (time.isNegative() || time.compareTo(MAX_TIME) > 0) {
            throw new IllegalArgumentException(name + ": " + time + " (expected: 0 to 365 days)");
        }
    }
}
