package dev.confab.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stores the log. Several nodes may share one log: each node then has its own store on the same database.
 *
 * <p>All methods may be called from any thread and may block, unless {@link #isBlocking()} returns false. They report
 * every failure of the store as a {@link StoreException}. Every implementation passes {@code MessageStoreContract} (in
 * the test-jar).
 */
public interface MessageStore extends AutoCloseable {
    /** The maximum number of participants that {@link #participants} returns. */
    int MAX_PARTICIPANTS_SHOWN = 10_000;

    /** The time for which a key is remembered, even if retention removes its message earlier. */
    Duration KEY_LIFETIME = Duration.ofHours(24);

    /** The maximum length of a node's lease. */
    Duration MAX_LEASE = Duration.ofSeconds(15);

    /**
     * Returns whether calls may wait for I/O. If not, the service calls the store on the thread of its own caller,
     * which may be an event loop.
     */
    default boolean isBlocking() {
        return true;
    }

    /** Returns whether other nodes may append to the same log, so that this node must look for new messages. */
    default boolean isShared() {
        return false;
    }

    /**
     * Returns whether another node serves the log at the moment, so that clients of {@code node} can connect to that
     * node. Called only for a shared store. The default returns true.
     *
     * @param node the calling node
     */
    default boolean hasOtherNodes(UUID node) {
        return true;
    }

    /**
     * Returns the id of the newest message ever appended, even if it was removed since. Returns the id that the log
     * started with if there was no message yet.
     */
    MessageId lastId();

    /**
     * Appends the drafts in one transaction, in their order, and returns when the transaction is durable. Ids are
     * assigned with the append lock held, which only one node holds at a time. Each id is above every id that was in
     * the log before, even if a clock steps back.
     *
     * <p>A participant may be on several nodes: it joins with the first of them and leaves with the last. A join from a
     * node without a lease changes nothing, because no other node would remove that participant after the node's end.
     *
     * @param node the node of the joins and leaves
     * @param drafts at least one; two drafts may have the same key
     * @throws StoreException when nothing was stored ({@code UNAVAILABLE}, {@code REFUSED}), or when it is unknown
     *     whether the drafts were stored ({@code OUTCOME_UNKNOWN})
     */
    Appended append(UUID node, List<Draft> drafts);

    /**
     * Begins the lease of a node that never had a lease and has no participants. The lease ends after {@code length},
     * by the store's clock, unless it is renewed.
     *
     * @param length {@link #MAX_LEASE} or less
     */
    void beginLease(UUID node, Duration length);

    /**
     * Sets the end of the node's lease to {@code length} from now. The new end may be later or earlier than the old
     * one.
     *
     * @param length {@link #MAX_LEASE} or less
     * @return false when the node has no lease, or another node has expired the lease; an expired lease cannot be
     *     renewed, and all participants of its node leave
     */
    boolean renewLease(UUID node, Duration length);

    /**
     * Expires nodes whose lease has ended: appends a leave for each of their participants that is on no other node.
     *
     * <p>One call is one step, small enough that other appends can run between two steps. The caller repeats the call
     * until it returns null. Several nodes may notice the same ended lease at once; each leave is still written once.
     *
     * <p>A lease may end later than {@link #MAX_LEASE} from now, because the store's clock stepped back. Such a lease
     * is shortened to {@link #MAX_LEASE}. Otherwise, the participants of a dead node would stay for as long as the
     * clock stepped back.
     *
     * @param node the calling node, which is not expired itself
     * @param alone whether to expire all other nodes, even those whose lease has not ended: for a log with one node
     *     only
     * @return the result of the append, which may be empty; null when there is no other node left to expire
     */
    @Nullable
    Appended expireNodes(UUID node, boolean alone);

    /**
     * Returns the messages of {@code rooms} with {@code after < id <= through}, in id order. The messages and
     * {@code trimmedThrough} are read in one snapshot, so a concurrent trim cannot cause an unannounced gap.
     *
     * @param limit the bytes are those of the message bodies
     */
    Page readAfter(RoomSet rooms, MessageId after, MessageId through, Limit limit);

    /** Returns the newest messages of {@code rooms} with {@code id < before}, up to {@code limit}, in id order. */
    List<Message> readBefore(RoomSet rooms, MessageId before, Limit limit);

    /**
     * Returns the messages of all rooms with {@code id > after}, in id order. A node uses this to read the messages
     * that other nodes appended.
     */
    List<Message> readLog(MessageId after, Limit limit);

    /**
     * Returns the cursor after which the newest {@code count} (0 or more) messages of {@code rooms} follow. Fewer
     * messages follow if the rooms have fewer, or if retention has trimmed one of the rooms. The cursor is never below
     * {@link #trimmedThrough}, so a reader that starts at the cursor gets no gap.
     */
    MessageId startOfLast(RoomSet rooms, int count);

    /**
     * Returns the position in this log of a cursor that a client sent. The first of these rules that applies decides:
     *
     * <ol>
     *   <li>{@link MessageId#MIN} is returned unchanged, because it is valid in every log.
     *   <li>A cursor below the id that the log started with comes from another log, which this log replaced. The id
     *       that the log started with is returned.
     *   <li>A cursor that is the id of a message is returned unchanged.
     *   <li>A cursor that is not above the highest id that was ever trimmed is returned unchanged, because it may be
     *       the id of a trimmed message.
     *   <li>Any other cursor also comes from a log that this log replaced. The greatest id of this log that is below
     *       the cursor is returned.
     * </ol>
     */
    MessageId floor(MessageId cursor);

    /**
     * Returns the position in a log of a cursor, by the rules of {@link #floor(MessageId)}.
     *
     * @param origin the id that the log started with
     * @param trimmed the highest id that was ever trimmed, or {@code origin} if there is none
     * @param nearest the id of the newest message that is not above the cursor, or null if there is none
     */
    static MessageId floor(MessageId cursor, MessageId origin, MessageId trimmed, @Nullable MessageId nearest) {
        if (origin.isAfter(cursor)) {
            return cursor.equals(MessageId.MIN) ? cursor : origin;
        }
        if (!cursor.isAfter(trimmed)) {
            return cursor;
        }
        return nearest == null ? trimmed : MessageId.max(trimmed, nearest);
    }

    /**
     * Returns the highest id that was removed from any of {@code rooms}, or the id that the log started with if that is
     * greater.
     */
    MessageId trimmedThrough(RoomSet rooms);

    /**
     * Returns the rooms that lost messages with {@code id > after}, each with the highest id that was ever removed from
     * the room. A node calls this after {@link #readLog}: messages that were removed before the node read them are a
     * gap for the node's readers, too.
     */
    Map<Room, MessageId> trimmedAfter(MessageId after);

    /**
     * Sets the listener for ids that other nodes committed to a shared log. It replaces an earlier listener. Reports
     * are hints: a report may be lost, late or repeated, and the service looks for new messages every second even
     * without reports. The default reports nothing.
     *
     * @param listener receives a committed id, or {@link MessageId#MAX} when reports may have been lost, on a thread of
     *     the store; it does not block
     */
    default void onCommitElsewhere(Consumer<MessageId> listener) {}

    /**
     * Sends a signal to the other nodes of a shared log, without waiting. Best effort: the signal may be lost. The
     * default does nothing.
     */
    default void signalElsewhere(Signal signal) {}

    /**
     * Sets the listener for the signals of other nodes. It replaces an earlier listener. The default reports nothing.
     *
     * @param listener is called on a thread of the store, and does not block
     */
    default void onSignalElsewhere(Consumer<Signal> listener) {}

    /** Returns whether this store has an {@code Outbox}, from which it appends further drafts. */
    default boolean hasOutbox() {
        return false;
    }

    /**
     * Appends the next drafts of the outbox, and removes them from the outbox in the same transaction. The caller
     * repeats the call until it returns null.
     *
     * @return the result of the append, which may be empty; null when the outbox is empty or the store has none
     */
    default @Nullable Appended takeOutbox() {
        return null;
    }

    /**
     * Returns the number of committed drafts in the outbox. A store may stop counting at a number of its own, so that
     * the call is fast with a large outbox. The default returns 0.
     */
    default long outboxRows() {
        return 0;
    }

    /** Returns the participants of the room on all nodes, sorted by nick; at most {@value #MAX_PARTICIPANTS_SHOWN}. */
    List<Participant> participants(Room room);

    /**
     * Removes the messages that {@code retention} does not keep, which are the oldest ones of each room. Also removes
     * the keys that are older than {@link #KEY_LIFETIME}.
     *
     * @return the rooms that lost messages in this call, each with the highest id that was ever removed from the room
     */
    Map<Room, MessageId> trim(Retention retention);

    /**
     * Returns normally if an append would be stored now, as far as the store can find out without an append. Leaves
     * nothing in the store, and does not wait for the append lock. The default reads the last id.
     *
     * @throws StoreException when an append would not be stored
     */
    default void checkAppends() {
        lastId();
    }

    /** Closes the store; later calls throw {@code UNAVAILABLE}. A second call does nothing. */
    @Override
    void close();

    /**
     * The result of an append.
     *
     * @param previous the log's last id before this batch
     * @param outcomes one outcome for each draft, in the order of the drafts; after {@link #expireNodes}, one outcome
     *     for each participant that left a node
     */
    record Appended(MessageId previous, List<Outcome> outcomes) {
        public Appended {
            outcomes = List.copyOf(outcomes);
        }

        /** Returns the id of the last message that was placed, or null if no message was placed. */
        public @Nullable MessageId lastPlaced() {
            for (int i = outcomes.size() - 1; i >= 0; i--) {
                if (outcomes.get(i) instanceof Outcome.Placed placed) {
                    return placed.message().id();
                }
            }
            return null;
        }
    }

    /** The outcome of one draft. */
    sealed interface Outcome {
        /** The draft was appended as this message. */
        record Placed(Message message) implements Outcome {}

        /**
         * The key of the draft was known, with the same nick and body.
         *
         * @param message the message as it was stored for the first draft with this key
         */
        record Known(Message message) implements Outcome {}

        /** The key of the draft was known, with another nick or body. Nothing was appended. */
        record Conflict() implements Outcome {}

        /**
         * Nothing was appended. A join has this outcome when the participant is present already, on this or another
         * node, or when the node has no lease. A leave has this outcome when the participant is absent, or stays
         * present on another node.
         */
        record Unchanged() implements Outcome {}
    }

    /**
     * A part of the messages after a cursor.
     *
     * @param trimmedThrough the highest id that was removed from any of the rooms; a reader whose cursor is lower has a
     *     gap
     * @param messages in id order
     * @param complete whether the page contains all messages up to the requested end
     */
    record Page(MessageId trimmedThrough, List<Message> messages, boolean complete) {
        public Page {
            messages = List.copyOf(messages);
        }

        /** Collects messages until a limit is reached. Not thread-safe. */
        public static final class Builder {
            private final Limit limit;
            private final List<Message> messages = new ArrayList<>();
            private long bytes;
            private boolean isFull;

            public Builder(Limit limit) {
                this.limit = limit;
            }

            /**
             * Adds {@code message} and returns true, or returns false when the message would exceed the limit. The
             * first message always fits.
             */
            public boolean add(Message message) {
                long after = bytes + Text.utf8Length(message.body());
                if (!limit.fits(messages.size(), after)) {
                    isFull = true;
                    return false;
                }
                bytes = after;
                messages.add(message);
                return true;
            }

            /** Adds the messages up to the first message that would exceed the limit. */
            public Builder addAll(Stream<Message> messages) {
                isFull |= !messages.allMatch(this::add);
                return this;
            }

            /** Returns the page, which is complete unless a message exceeded the limit. */
            public Page build(MessageId trimmedThrough) {
                return new Page(trimmedThrough, messages, !isFull);
            }

            /** Returns the messages that were added, in that order. */
            public List<Message> messages() {
                return messages;
            }

            /** Returns the messages in the opposite order: in id order, if the newest message was added first. */
            public List<Message> reversed() {
                List<Message> reversed = new ArrayList<>(messages);
                Collections.reverse(reversed);
                return reversed;
            }
        }
    }
}
