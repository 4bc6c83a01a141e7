package dev.confab.spring;

import dev.confab.core.Retention;
import dev.confab.jdbi.SchemaMode;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings of the chat. Immutable, and safe for any thread.
 *
 * @param host the address on which the server listens; 0.0.0.0 for all addresses
 * @param port the port on which the server listens; 0 for a free port
 * @param prefix the path under which the chat is served, such as /chat; empty for none
 * @param allowedOrigins the other origins whose pages may use the chat, such as https://chat.example
 * @param transports the transports over which clients can read
 * @param schema the schema of the tables; by default the current schema of each connection
 * @param tablePrefix the beginning of the name of each table, index and constraint
 * @param schemaMode whether the start creates the tables, only checks them, or does neither
 * @param tokens the places of the clients' tokens, if clients must authenticate
 * @param retention the limits of the messages that are kept
 */
@ConfigurationProperties("confab")
public record ConfabProperties(
        @DefaultValue("127.0.0.1") String host,
        @DefaultValue("8081") int port,
        @DefaultValue("") String prefix,
        @DefaultValue List<String> allowedOrigins,
        @DefaultValue({"long-poll", "sse", "websocket"}) Set<Transport> transports,
        @Nullable String schema,
        @DefaultValue("confab_") String tablePrefix,
        @DefaultValue("create") SchemaMode schemaMode,
        @DefaultValue Tokens tokens,
        @DefaultValue Kept retention) {

    /** A way to read. */
    public enum Transport {
        LONG_POLL,
        SSE,
        WEBSOCKET
    }

    /**
     * The places of a token besides {@code Authorization: Bearer} and the WebSocket subprotocol.
     *
     * @param cookie the name of the cookie that may have the token
     * @param queryParameter the name of the query parameter that may have the token, which proxies write to their logs
     * @param firstFrame the time in which a WebSocket without a token may send it in its first frame; 0 for not at all
     * @param lifetime the time for which a connection uses an authentication again while the token is the same; 0 for
     *     not at all, which an authenticator needs that looks at more than the token
     * @param decisionLifetime the time for which a connection uses a decision about a room again
     */
    public record Tokens(
            @Nullable String cookie,
            @Nullable String queryParameter,
            @DefaultValue("0s") Duration firstFrame,
            @DefaultValue("0s") Duration lifetime,
            @DefaultValue("30s") Duration decisionLifetime) {}

    /**
     * The limits of the messages that are kept in each room. Without a limit, all messages are kept.
     *
     * @param maxAge the maximum age of a message
     * @param maxEntries the maximum number of messages in a room
     */
    public record Kept(@Nullable Duration maxAge, @Nullable Integer maxEntries) {
        Retention retention() {
            return new Retention(maxAge, maxEntries);
        }
    }
}
