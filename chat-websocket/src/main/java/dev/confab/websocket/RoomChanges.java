package dev.confab.websocket;

import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Gap;
import dev.confab.core.MessageId;
import dev.confab.core.Position;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.netty.View;
import dev.confab.websocket.ClientFrame.Tag;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the rooms of open sessions, one change of a session at a time. A session has one position in the log for all
 * its rooms. The entries on the way to this position are written first:
 *
 * <ul>
 *   <li>If the new room starts before the position, the entries of the new room alone are read up to the position.
 *   <li>If the new room starts after the position, the entries of the other rooms are read up to this start.
 * </ul>
 *
 * <p>Then a reader of all rooms begins exactly there. Called on the event loop of the session.
 */
final class RoomChanges {
    private static final Logger LOG = LoggerFactory.getLogger(RoomChanges.class);

    private final ChatService chat;
    private final WebSocketHandler handler;

    RoomChanges(ChatService chat, WebSocketHandler handler) {
        this.chat = chat;
        this.handler = handler;
    }

    /**
     * Begins a subscribe. {@link Session#changed} is called at its end.
     *
     * @param start where reading of the room starts; null for the position of the session
     */
    void subscribe(Session session, Room room, @Nullable Start start, Tag tag) {
        if (start == null) {
            later(session, () -> meet(session, room, null, tag));
        } else {
            chat.locate(RoomSet.of(room), start)
                    .whenComplete((position, failure) -> later(session, () -> {
                        if (failure == null) {
                            meet(session, room, position, tag);
                        } else {
                            session.exit(room);
                            session.refuse(ChatException.of(failure), tag);
                            session.changed();
                        }
                    }));
        }
    }

    /** Begins an unsubscribe. {@link Session#changed} is called at its end. */
    void unsubscribe(Session session, Room room, Tag tag) {
        later(session, () -> {
            MessageId at = session.reader().position();
            session.reader().leave();
            session.exit(room);
            session.show(session.rooms().without(room));
            handler.exited(session, room);
            session.write(ServerFrame.unsubscribed(room, session.format(at), tag));
            continueAt(session, at);
        });
    }

    private void meet(Session session, Room room, @Nullable Position position, Tag tag) {
        MessageId at = session.reader().position();
        MessageId start = position == null ? at : position.cursor();
        Gap gap = position == null ? null : position.gap();
        session.reader().leave();
        if (start.isAfter(at)) {
            readUpTo(session, session.view(), at, start, () -> {
                confirm(session, room, start, gap, tag);
                continueAt(session, start);
            });
        } else {
            View roomOnly = session.view().with(RoomSet.of(room));
            confirm(session, room, start, gap, tag);
            if (start.equals(at)) {
                continueAt(session, at);
            } else {
                readUpTo(session, roomOnly, start, at, () -> continueAt(session, at));
            }
        }
    }

    private void confirm(Session session, Room room, MessageId start, @Nullable Gap gap, Tag tag) {
        session.show(session.rooms().with(room));
        handler.entered(session, room);
        session.write(ServerFrame.subscribed(room, session.format(start), tag));
        if (gap != null) {
            session.write(gap.json(session.view().ids()));
        }
        session.flush();
    }

    private void readUpTo(Session session, View view, MessageId from, MessageId to, Runnable next) {
        Runnable ifOpen = () -> {
            if (session.isOpen()) {
                next.run();
            }
        };
        handler.read(session, new BoundedReader(session, view, from, to, ifOpen));
    }

    private void continueAt(Session session, MessageId cursor) {
        session.flush();
        handler.read(session, new SessionReader(session, session.view(), cursor));
        session.changed();
    }

    /**
     * Runs the next step as a task of its own, if the session is still open. A group that is calling a reader of the
     * session, and so may have caused this step, is not ready for a change.
     */
    private static void later(Session session, Runnable step) {
        try {
            session.channel().eventLoop().execute(() -> {
                if (session.isOpen()) {
                    step.run();
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("The event loop ended before a change of rooms", e);
        }
    }
}
