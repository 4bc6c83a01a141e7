package dev.confab.longpoll;

import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.netty.Query;
import dev.confab.netty.ReadRequest;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a {@code GET /sub}.
 *
 * @param rooms the rooms to read
 * @param start the position at which reading starts; null if the client leaves it to the server
 */
record SubRequest(RoomSet rooms, @Nullable Start start) {
    static SubRequest of(Query query) {
        ReadRequest read = ReadRequest.of(query, Start.LATEST);
        boolean isGiven = query.first("after") != null || query.first("last") != null;
        return new SubRequest(read.rooms(), isGiven ? read.start() : null);
    }
}
