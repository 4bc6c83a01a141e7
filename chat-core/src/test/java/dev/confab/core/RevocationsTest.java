package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RevocationsTest {
    private static final Nick ANN = new Nick("ann");

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final List<Nick> told = new ArrayList<>();

    @AfterEach
    void stop() {
        chat.close();
        store.close();
    }

    @Test
    void listenersAreToldBeforeTheRevocationCompletes() {
        chat.onRevocation(nick -> {
            throw new IllegalStateException("a listener that fails");
        });
        chat.onRevocation(told::add);
        chat.revoke(ANN).join();
        assertThat(told).containsExactly(ANN);
    }

    @Test
    void aMessageOfTheSameNickIsNoRevocation() {
        chat.onRevocation(told::add);
        chat.publish(Draft.of(Room.LOBBY, ANN, "revoked", null)).join();
        assertThat(told).isEmpty();
    }

    @Test
    void nobodyReadsOrWritesTheRoomOfRevocations() {
        Room room = new Room("$revocations");
        assertThatThrownBy(() -> RoomSet.of(room)).isInstanceOf(ChatException.class);
        assertThatThrownBy(() -> Draft.of(room, "x")).isInstanceOf(ChatException.class);
        Draft draft = new Draft(Message.Type.MESSAGE, room, ANN, "x", null);
        assertThatThrownBy(() -> chat.publish(draft)).isInstanceOf(ChatException.class);
        assertThatThrownBy(() -> new Room("$other")).isInstanceOf(ChatException.class);
    }
}
