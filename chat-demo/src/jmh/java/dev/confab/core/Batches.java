package dev.confab.core;

/** Batches for benchmarks of other packages. */
public final class Batches {
    private Batches() {}

    /** So many messages of one room. */
    public static Batch of(int entries, String body) {
        try (InMemoryMessageStore store = new InMemoryMessageStore();
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            MessageId start = chat.head();
            Feed feed = chat.feed(RoomSet.of(Room.LOBBY), Runnable::run, () -> {});
            for (int i = 0; i < entries; i++) {
                chat.publish(Draft.of(Room.LOBBY, body)).join();
            }
            Batch batch = feed.read(start, Limit.WRITE);
            if (batch == null || batch.entries().size() != entries) {
                throw new IllegalStateException("not all in one batch");
            }
            return batch;
        }
    }
}
