package dev.confab.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Room;
import dev.confab.netty.Operation;
import dev.confab.netty.Principal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests which rooms a token opens. */
final class JwtAuthorizerTest {
    private final JwtAuthorizer authorizer = new JwtAuthorizer();

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // rooms | room | operations that are permitted
                "{\"read\":[\"a\"],\"publish\":[\"a\"]} | a | READ PUBLISH PRESENCE",
                "{\"read\":[\"a\"],\"publish\":[\"a\"]} | b | NONE",
                "{\"read\":[\"a\"],\"publish\":[\"a\"]} | A | NONE",
                "{\"read\":[\"a\"],\"publish\":[\"a\"]} | aa | NONE",
                "{\"read\":[\"a\"]} | a | READ PRESENCE",
                "{\"publish\":[\"a\"]} | a | PUBLISH",
                "{\"read\":[\"*\"]} | lobby | READ PRESENCE",
                "{\"read\":[\"team-*\"],\"publish\":[\"team-a\"]} | team-a | READ PUBLISH PRESENCE",
                "{\"read\":[\"team-*\"],\"publish\":[\"team-a\"]} | team-b | READ PRESENCE",
                "{\"read\":[\"team-*\"],\"publish\":[\"team-a\"]} | team- | READ PRESENCE",
                "{\"read\":[\"team-*\"],\"publish\":[\"team-a\"]} | team | NONE",
                "{\"read\":[\"team-*\"],\"publish\":[\"team-a\"]} | my-team-a | NONE",
                "{\"read\":[\"a.b\",\"c\"]} | axb | NONE",
                "{\"read\":[\"x\",\"y\",\"z*\"]} | z | READ PRESENCE",
                "{\"read\":[],\"publish\":[]} | a | NONE",
                "{\"write\":[\"*\"],\"READ\":[\"*\"]} | a | NONE",
                "{} | a | NONE",
            })
    void theClaimDecides(String rooms, Room room, String permitted) {
        Principal ann = principal(JwtConfig.hmac(Answers.secretFile(directory)), ",\"rooms\":" + rooms);
        for (Operation operation : Operation.values()) {
            assertThat(authorizer.permits(ann, room, operation))
                    .as(operation.name())
                    .isCompletedWithValue(List.of(permitted.split(" ")).contains(operation.name()));
        }
    }

    @Test
    void withoutTheClaimTheConfigurationDecides() {
        JwtConfig config = JwtConfig.hmac(Answers.secretFile(directory));
        assertThat(permitted(principal(config, ""))).isEmpty();
        assertThat(permitted(principal(config.withDefaultRooms(RoomGrants.ALL), "")))
                .containsExactly(Operation.values());
        assertThat(permitted(principal(config.withDefaultRooms(RoomGrants.ALL), ",\"rooms\":{}")))
                .isEmpty();
    }

    @Test
    void aPrincipalOfAnotherAuthenticatorMayDoNothing() {
        assertThat(permitted(Principal.of("ann"))).isEmpty();
        assertThat(permitted(Principal.of("ann").withAttributes(Map.of("rooms", "*"))))
                .isEmpty();
    }

    private List<Operation> permitted(Principal principal) {
        return List.of(Operation.values()).stream()
                .filter(operation ->
                        authorizer.permits(principal, Room.LOBBY, operation).join())
                .toList();
    }

    private static Principal principal(JwtConfig config, String more) {
        String token = RawToken.hs256(
                Answers.SECRET,
                "{\"alg\":\"HS256\"}",
                "{\"sub\":\"ann\",\"exp\":" + Answers.NOW.plusSeconds(60).getEpochSecond() + more + "}");
        return Answers.principal(JwtAuthenticator.of(config, Answers.AT_NOW), token);
    }
}
