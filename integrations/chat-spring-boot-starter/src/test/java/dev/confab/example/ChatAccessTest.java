package dev.confab.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Room;
import dev.confab.netty.Operation;
import dev.confab.netty.Principal;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.TestingAuthenticationToken;

/** Tests the example of the documents. */
final class ChatAccessTest {
    private static final Principal ANN = Principal.of("ann")
            .withAttributes(Map.of("authentication", new TestingAuthenticationToken("ann", "", "SCOPE_lobby")));

    @Test
    void aScopePermitsTheRoomOfItsName() {
        assertThat(permits(Room.LOBBY)).isTrue();
        assertThat(permits(new Room("other"))).isFalse();
    }

    private static boolean permits(Room room) {
        return new ChatAccess().authorizer().permits(ANN, room, Operation.READ).join();
    }
}
