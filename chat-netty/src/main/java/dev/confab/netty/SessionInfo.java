package dev.confab.netty;

import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.RoomSet;
import java.net.SocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a session at one moment.
 *
 * @param name the name, which {@code hello} tells the client
 * @param transport the transport, such as {@code websocket}, {@code sse} or {@code longpoll}
 * @param address the address of the client, or of the proxy in front of this server; null if the channel has none
 * @param rooms the rooms that the client reads
 * @param nick the nick that the client gave when it connected; null without a nick
 * @param cursor the cursor from which the client would continue on another connection
 * @param since the time at which the session opened
 */
public record SessionInfo(
        String name,
        String transport,
        @Nullable SocketAddress address,
        RoomSet rooms,
        @Nullable Nick nick,
        MessageId cursor,
        Instant since) {}
