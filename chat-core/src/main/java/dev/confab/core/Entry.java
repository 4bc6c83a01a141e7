package dev.confab.core;

import org.jspecify.annotations.Nullable;

/** A message with its JSON form, which is encoded once and shared by all readers. Immutable and thread-safe. */
public final class Entry {
    /** The memory of an entry besides its texts, in bytes: objects, references and ids. */
    private static final int OVERHEAD = 200;

    private final Message message;
    private final IdFormat ids;
    private final byte[] json;
    private final @Nullable String sender;

    private Entry(Message message, IdFormat ids, byte[] json, @Nullable String sender) {
        this.message = message;
        this.ids = ids;
        this.json = json;
        this.sender = sender;
    }

    /** Returns the entry with its id as a ULID. */
    public static Entry of(Message message) {
        return new Entry(message, IdFormat.ULID, MessageJson.encode(message, IdFormat.ULID), null);
    }

    /** Returns this entry as sent by {@code session}, which does not get it. */
    Entry from(@Nullable String session) {
        return session == null ? this : new Entry(message, ids, json, session);
    }

    /** Returns this entry with another form of its id. The JSON form is encoded anew, unless the form is the same. */
    public Entry with(IdFormat format) {
        return format == ids ? this : new Entry(message, format, MessageJson.encode(message, format), sender);
    }

    public Message message() {
        return message;
    }

    public MessageId id() {
        return message.id();
    }

    /**
     * Returns the session that does not get this entry, because it sent the message; null if there is none, or if it
     * is not known on this node. See {@link ChatService#publish(Draft, String)}.
     */
    public @Nullable String sender() {
        return sender;
    }

    /** Returns the form of the id in {@link #json}. */
    public IdFormat ids() {
        return ids;
    }

    /**
     * Returns the JSON object in UTF-8, with the same bytes on every transport. The array is shared, and must not be
     * changed.
     */
    public byte[] json() {
        return json;
    }

    /** Returns the estimated memory of this entry in bytes, for the bounds of entries in memory. */
    public int weight() {
        return OVERHEAD + json.length + 2 * message.body().length();
    }

    @Override
    public String toString() {
        return message.toString();
    }
}
