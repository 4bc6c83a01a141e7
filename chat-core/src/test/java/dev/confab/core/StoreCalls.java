package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageStore.Outcome;
import dev.confab.core.MessageStore.Page;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/** Calls, rooms and names that the tests of stores share. */
public final class StoreCalls {
    public static final Room A = new Room("a");
    public static final Room B = new Room("b");
    public static final Room EMPTY = new Room("empty");
    public static final Nick ANN = new Nick("ann");
    public static final UUID NODE = new UUID(0, 1);

    private StoreCalls() {}

    public static Outcome append(MessageStore store, Draft draft) {
        return append(store, NODE, draft);
    }

    public static Outcome append(MessageStore store, UUID node, Draft draft) {
        return store.append(node, List.of(draft)).outcomes().get(0);
    }

    public static Message publish(MessageStore store, Room room, String body) {
        return placed(append(store, Draft.of(room, body)));
    }

    /** Publishes {@code count} messages in one batch. */
    public static List<Message> publishAll(MessageStore store, Room room, int count) {
        List<Draft> drafts = IntStream.range(0, count)
                .mapToObj(i -> Draft.of(room, room + "-" + i))
                .toList();
        return store.append(NODE, drafts).outcomes().stream()
                .map(StoreCalls::placed)
                .toList();
    }

    public static Message placed(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Placed.class);
        return ((Outcome.Placed) outcome).message();
    }

    public static Page read(MessageStore store, RoomSet rooms, MessageId after) {
        return read(store, rooms, after, Limit.PAGE);
    }

    public static Page read(MessageStore store, RoomSet rooms, MessageId after, Limit limit) {
        return store.readAfter(rooms, after, MessageId.MAX, limit);
    }

    public static List<Message> all(MessageStore store, Room... rooms) {
        return read(store, RoomSet.of(rooms), MessageId.MIN, new Limit(1_000_000, 1 << 30))
                .messages();
    }

    public static List<String> bodies(List<Message> messages) {
        return messages.stream().map(Message::body).toList();
    }

    public static Draft join(Room room, Nick nick) {
        return new Draft(Message.Type.JOIN, room, nick, "", null);
    }

    public static Draft leave(Room room, Nick nick) {
        return new Draft(Message.Type.LEAVE, room, nick, "", null);
    }
}
