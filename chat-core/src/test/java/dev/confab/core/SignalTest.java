package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SignalTest {
    private static final Signal TYPING = new Signal(Room.LOBBY, "typing", "", null, null);

    @Test
    void anEventIsAName() {
        assertThatExceptionOfType(ChatException.class)
                .isThrownBy(() -> signal("a b", ""))
                .withMessage("event: a b (expected: 1 to 64 of A-Z a-z 0-9 . _ -)")
                .returns(Reason.INVALID_EVENT, ChatException::reason);
    }

    @Test
    void dataMayHaveAThousandAndTwentyFourBytes() {
        assertThat(signal("x", "é".repeat(512)).data()).hasSize(512);
        assertThatExceptionOfType(ChatException.class)
                .isThrownBy(() -> signal("x", "é".repeat(512) + "x"))
                .withMessage("data: 1025 bytes (expected: at most 1,024 bytes of UTF-8)")
                .returns(Reason.MESSAGE_TOO_LARGE, ChatException::reason);
        assertThatExceptionOfType(ChatException.class)
                .isThrownBy(() -> signal("x", "\ud800"))
                .returns(Reason.INVALID_TEXT, ChatException::reason);
    }

    @Test
    void everyListenerGetsASignalUntilItIsRemoved() {
        List<Signal> heard = new ArrayList<>();
        try (InMemoryMessageStore store = new InMemoryMessageStore();
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            chat.addSignalListener(signal -> {
                throw new IllegalStateException("a listener that fails");
            });
            Consumer<Signal> listener = heard::add;
            chat.addSignalListener(listener);
            chat.signal(TYPING);
            assertThat(heard).containsExactly(TYPING);
            chat.removeSignalListener(listener);
            chat.signal(TYPING);
            assertThat(heard).containsExactly(TYPING);
            assertThat(chat.head()).isEqualTo(store.lastId());
        }
    }

    private static Signal signal(String event, String data) {
        return new Signal(Room.LOBBY, event, data, null, null);
    }
}
