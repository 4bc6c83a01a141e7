package dev.confab.netty;

import dev.confab.core.Nick;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client whose identity is known.
 *
 * @param nick the name of the client: the nick of its messages, joins and presence rows
 * @param expires the time from which the client must authenticate again; null for never
 * @param attributes the application's own values, which an {@link Authorizer} may use; never shown to anybody
 */
public record Principal(Nick nick, @Nullable Instant expires, Map<String, Object> attributes) {
    public Principal {
        attributes = Map.copyOf(attributes);
    }

    /**
     * Returns a principal that does not expire, without attributes.
     *
     * @throws dev.confab.core.ChatException {@code INVALID_NICK} or {@code INVALID_TEXT}
     */
    public static Principal of(String name) {
        return new Principal(new Nick(name), null, Map.of());
    }

    public Principal withExpiry(@Nullable Instant time) {
        return new Principal(nick, time, attributes);
    }

    public Principal withAttributes(Map<String, Object> values) {
        return new Principal(nick, expires, values);
    }

    /** Returns whether the other principal differs in its expiry at most. */
    boolean isSame(Principal other) {
        return nick.equals(other.nick) && attributes.equals(other.attributes);
    }

    /** Returns the nick only: attributes may be secret, and a principal may end up in a log line. */
    @Override
    public String toString() {
        return nick.name();
    }
}
