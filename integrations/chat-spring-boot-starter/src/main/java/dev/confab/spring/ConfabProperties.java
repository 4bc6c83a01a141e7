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
        @DefaultValue Kept retention) {

    /** A way to read. */
    public enum Transport {
        LONG_POLL,
        SSE,
        WEBSOCKET
    }

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
