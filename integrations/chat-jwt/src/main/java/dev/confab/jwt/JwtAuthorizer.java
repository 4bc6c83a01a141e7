package dev.confab.jwt;

import dev.confab.core.Room;
import dev.confab.netty.Authorizer;
import dev.confab.netty.Decision;
import dev.confab.netty.Operation;
import dev.confab.netty.Principal;
import java.util.concurrent.CompletableFuture;

/**
 * Permits the operations that the claim {@code rooms} of a token grants, such as
 * {@code {"read":["team-*"],"publish":["team-a"]}}. The permission to read a room includes its list of participants.
 * Decides at once, without blocking. Thread-safe.
 *
 * <p>A principal that does not come from a {@link JwtAuthenticator} may do nothing.
 */
public final class JwtAuthorizer implements Authorizer {
    /** Creates an authorizer; all authorizers decide alike. */
    public JwtAuthorizer() {}

    @Override
    public CompletableFuture<Boolean> permits(Principal principal, Room room, Operation operation) {
        RoomGrants grants = RoomGrants.of(principal);
        return Decision.of(
                switch (operation) {
                    case READ, PRESENCE -> grants.mayRead(room);
                    case PUBLISH -> grants.mayPublish(room);
                });
    }
}
