package dev.confab.core;

/** A message with its JSON form, made once and shared by all readers. Immutable; safe for any thread. */
public final class Entry {
    /** What an entry costs in memory besides its texts: objects, references, ids. */
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

    /** The JSON object in UTF-8, the same bytes on every transport. Shared: not to be changed. */
    public byte[] json() {
        return json;
    }

    /** What this entry counts for in the tail's bound, in bytes. */
    int weight() {
        return OVERHEAD + json.length + 2 * message.body().length();
    }

    @Override
    public String toString() {
        return message.toString();
    }
}
