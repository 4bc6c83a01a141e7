package dev.confab.netty;

import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The client of a session, as a transport implements it for {@link Sessions}. Called on the event loop of the channel,
 * from {@link Sessions#open} to {@link SessionEntry#close}.
 */
public interface Peer {
    /** Returns the name of the transport, such as {@code websocket}: the same constant for all its peers. */
    String transport();

    Channel channel();

    /** Returns the nick that the client gave when it connected, or null. */
    @Nullable
    Nick nick();

    /** Returns the cursor from which the client would continue on another connection. */
    MessageId position();

    /** Returns whether this client gets events of this type, and keeps up with reading. */
    boolean takes(LiveEvent.Type type);

    /**
     * Encodes an event.
     *
     * @return the bytes, which are the same for all peers of the transport; the caller releases them
     */
    ByteBuf encode(LiveEvent event, ByteBufAllocator allocator);

    /**
     * Writes and flushes an event that this peer {@linkplain #takes takes}. May end the session.
     *
     * @param encoded the result of {@link #encode}, which is shared and not released here
     */
    void offer(ByteBuf encoded);

    /**
     * Ends the connection or the request. The transport decides how much of the code and the reason the client sees.
     *
     * @param code a code as in RFC 6455, section 7.4
     * @param reason at most 123 bytes of UTF-8
     */
    void close(int code, String reason);
}
