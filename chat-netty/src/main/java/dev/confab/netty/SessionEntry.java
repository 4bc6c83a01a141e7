package dev.confab.netty;

import dev.confab.core.RoomSet;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A session in {@link Sessions}, for the transport that opened it. Confined to the event loop of the session. */
public final class SessionEntry extends IntrusiveList.Node<SessionEntry> {
    private final SessionLoop loop;
    private final long number;
    private final boolean isNamed;
    private final long sinceMillis;
    private final Peer peer;

    RoomSet rooms;

    // Written by SessionLoop: the sessions with the same rooms, null when this session is closed.
    SessionLoop.@Nullable Readers readers;

    SessionEntry(SessionLoop loop, long number, boolean isNamed, long sinceMillis, Peer peer, RoomSet rooms) {
        this.loop = loop;
        this.number = number;
        this.isNamed = isNamed;
        this.sinceMillis = sinceMillis;
        this.peer = peer;
        this.rooms = rooms;
    }

    /** Returns the name of the session. */
    public String name() {
        return name(number);
    }

    static String name(long number) {
        return HexFormat.of().toHexDigits(number);
    }

    /** Changes the rooms that the client reads. Does nothing when the session is closed. */
    public void changeRooms(RoomSet changed) {
        if (isOpen()) {
            loop.remove(this);
            rooms = changed;
            loop.add(this);
        }
    }

    /** Removes the session. A second call does nothing. */
    public void close() {
        if (isOpen()) {
            loop.remove(this);
            loop.closed(this);
        }
    }

    /** Counts a signal of the client. Returns false if the client has sent more than {@link SignalConfig} allows. */
    public boolean maySignal() {
        return loop.sessions().maySignal(peer.channel());
    }

    boolean isOpen() {
        return readers != null;
    }

    /** Whether the client knows the name. */
    boolean isNamed() {
        return isNamed;
    }

    long number() {
        return number;
    }

    Peer peer() {
        return peer;
    }

    SessionInfo info() {
        return new SessionInfo(
                name(),
                peer.transport(),
                peer.channel().remoteAddress(),
                rooms,
                peer.nick(),
                peer.position(),
                Instant.ofEpochMilli(sinceMillis));
    }
}
