package dev.confab.longpoll;

import dev.confab.core.MessageId;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;

/**
 * The position of a connection whose last {@code GET /sub} was answered. Each connection has at most one. Confined to
 * the connection's event loop.
 *
 * @param rooms the rooms of that request
 * @param cursor the cursor after its response
 */
record SubCursor(RoomSet rooms, MessageId cursor) {
    private static final AttributeKey<SubCursor> KEY = AttributeKey.valueOf(SubCursor.class, "cursor");

    /** Returns the start of the next request: the cursor of the connection if it has one for these rooms. */
    static Start start(Channel channel, RoomSet rooms) {
        SubCursor known = channel.attr(KEY).get();
        return known != null && known.rooms.equals(rooms) ? Start.after(known.cursor) : Start.LATEST;
    }

    static void remember(Channel channel, RoomSet rooms, MessageId cursor) {
        channel.attr(KEY).set(new SubCursor(rooms, cursor));
    }

    static void forget(Channel channel) {
        channel.attr(KEY).set(null);
    }
}
