package dev.confab.websocket;

import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions, by event loop and room, for frames to a room that are not in the log. Entries of the log are not sent
 * this way. The sessions of a loop are confined to this loop, so a broadcast is one task for each loop and needs no
 * locks. Safe for any thread, except where a method names the event loop.
 *
 * <p>Delivery is best effort: a session whose client does not keep up with reading is left out, so that no frames pile
 * up. The socket of a session that is closing drops the frame.
 */
final class BroadcastHub {
    private static final Logger LOG = LoggerFactory.getLogger(BroadcastHub.class);

    private final Map<EventLoop, Members> loops = new ConcurrentHashMap<>();

    /** Called on the session's event loop, once for each session. */
    void add(Session session) {
        loops.computeIfAbsent(session.channel().eventLoop(), loop -> new Members())
                .add(session);
    }

    /** Called on the session's event loop, once after {@link #add}, when the channel is closed. */
    void remove(Session session) {
        Members members = loops.get(session.channel().eventLoop());
        if (members != null) {
            members.remove(session);
        }
    }

    /** Sends a frame to all sessions that read {@code room}. */
    void broadcast(Room room, byte[] json) {
        send(room, json, null);
    }

    /** Sends a frame to all sessions that read {@code room}, except one. */
    void broadcastExcept(Session except, Room room, byte[] json) {
        send(room, json, except);
    }

    private void send(Room room, byte[] json, @Nullable Session except) {
        loops.forEach((loop, members) -> {
            try {
                loop.execute(() -> members.send(room, json, except));
            } catch (RejectedExecutionException e) {
                LOG.debug("The event loop ended before a broadcast", e);
            }
        });
    }

    /** The sessions of one event loop. Confined to this loop. */
    private static final class Members {
        private final Map<RoomSet, List<Session>> readers = new HashMap<>();
        private final Map<Room, List<List<Session>>> rooms = new HashMap<>();

        void add(Session session) {
            List<Session> list = readers.get(session.rooms());
            if (list == null) {
                list = new ArrayList<>();
                readers.put(session.rooms(), list);
                for (Room room : session.rooms().rooms()) {
                    rooms.computeIfAbsent(room, r -> new ArrayList<>(1)).add(list);
                }
            }
            session.hubIndex = list.size();
            list.add(session);
        }

        void remove(Session session) {
            List<Session> list = readers.get(session.rooms());
            if (list == null) {
                throw new IllegalStateException("session: in no list (expected: in one)");
            }
            Session moved = list.remove(list.size() - 1);
            if (moved != session) {
                list.set(session.hubIndex, moved);
                moved.hubIndex = session.hubIndex;
            }
            if (list.isEmpty()) {
                forget(session.rooms(), list);
            }
        }

        private void forget(RoomSet set, List<Session> list) {
            readers.remove(set);
            for (Room room : set.rooms()) {
                List<List<Session>> lists = rooms.get(room);
                if (lists != null) {
                    lists.removeIf(each -> each == list);
                    if (lists.isEmpty()) {
                        rooms.remove(room);
                    }
                }
            }
        }

        void send(Room room, byte[] json, @Nullable Session except) {
            List<List<Session>> lists = rooms.get(room);
            if (lists == null) {
                return;
            }
            ByteBuf frame = Frames.text(PooledByteBufAllocator.DEFAULT, json);
            for (List<Session> list : List.copyOf(lists)) {
                // Starts at the end of the list: the last session takes the place of a session that leaves meanwhile,
                // so a session that moves already has the frame.
                for (int i = list.size() - 1; i >= 0; i--) {
                    Session session = list.get(i);
                    if (session != except) {
                        session.offer(frame);
                    }
                }
            }
            frame.release();
        }
    }
}
