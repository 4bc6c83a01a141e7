package dev.confab.core;

/** A message with its JSON form, which is encoded once and shared by all readers. Immutable and thread-safe. */
public final class Entry {
    /** The memory of an entry besides its texts, in bytes: objects, references and ids. */
    private static final int OVERHEAD = 200;

    private final Message message;
    private final byte[] json;

    private Entry(Message message, byte[] json) {
        this.message = message;
        this.json = json;
    }

    public static Entry of(Message message) {
        return new Entry(message, MessageJson.encode(message));
    }

    public Message message() {
        return message;
    }

    public MessageId id() {
        return message.id();
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
