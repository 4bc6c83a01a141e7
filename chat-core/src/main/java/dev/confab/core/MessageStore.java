package dev.confab.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where the log is kept. Several nodes may share one log, each with a store of its own on the same database.
 *
 * <p>All methods may be called from any thread and may block, unless {@link #isBlocking()} says otherwise. They throw
 * {@link StoreException} and nothing else for what goes wrong in the store. Every implementation passes
 * {@code MessageStoreContract} (in the test-jar).
 */
public interface MessageStore extends AutoCloseable {
    /** One answer about a room names no more. */
    int MAX_PARTICIPANTS_SHOWN = 10_000;

    /** For how long a key is remembered, whatever retention removes. */
    Duration KEY_LIFETIME = Duration.ofHours(24);

    /** What the lease of a node lasts at most. */
    Duration MAX_LEASE = Duration.ofSeconds(15);

    /** Whether calls may wait for I/O; when not, they are made on the caller's thread, an event loop perhaps. */
    default boolean isBlocking() {
        return true;
    }

    /** Whether other nodes may append to the same log, so that it must be asked for news. */
    default boolean isShared() {
        return false;
    }

    /**
     * Returns whether another node serves the log at the moment, so that clients of {@code node} can go there. Only a shared
     * store is asked. The default answers true.
     *
     * @param node the node that asks
     */
    default boolean hasOtherNodes(UUID node) {
        return true;
    }

    /** The id of the newest entry that ever was, or what the log started with when there was none. */
    MessageId lastId();

    /**
     * Appends the drafts in one transaction, in their order, and returns when it is durable. Ids are decided while the right
     * to append is held, across all nodes: each is above every id that was in the log before, whatever the clocks do.
     *
     * <p>A participant may be on several nodes: it joins with the first of them and leaves with the last. A join of a node
     * without a lease changes nothing: what such a node stores, nobody would clean up after it.
     *
     * @param node whose joins and leaves they are
     * @param drafts at least one; a key may stand in it twice
     * @throws StoreException when nothing was stored ({@code UNAVAILABLE}, {@code REFUSED}), or when that cannot be told
     *     ({@code OUTCOME_UNKNOWN})
     */
    Appended append(UUID node, List<Draft> drafts);

    /**
     * Begins the lease of a node that never had one, with no participants. It ends after {@code length}, by the store's time,
     * unless it is renewed.
     *
     * @param length {@link #MAX_LEASE} or less
     */
    void beginLease(UUID node, Duration length);

    /**
     * Has the lease end {@code length} from now, be that later or earlier than before.
     *
     * @param length {@link #MAX_LEASE} or less
     * @return false when it has none, or no more: others expired it, it stays so, and all its participants leave
     */
    boolean renewLease(UUID node, Duration length);

    /**
     * Expires nodes whose lease has ended: appends a leave for those of their participants who are on no other node. Does so
     * in steps that are small enough for appends to go on in between, so it is to be called until it answers null. Nodes that
     * notice the same one at once write one leave. A lease that ends later than {@link #MAX_LEASE} from now, because the
     * store's clock stepped back, is shortened to that: nobody stays for as long as the clock went back.
     *
     * @param node the one that asks, which is not expired itself
     * @param alone expires all others, whatever their leases say: of a log that has one node only
     * @return what was appended, perhaps nothing; null when no other node is to be expired any more
     */
    @Nullable
    Appended expireNodes(UUID node, boolean alone);

    /**
     * The entries of {@code rooms} with {@code after < id <= through}, in id order. They and {@code trimmedThrough} are of one
     * moment, so a trim at the same time cannot make a hole that is not told.
     *
     * @param limit its bytes are counted over the bodies
     */
    Page readAfter(RoomSet rooms, MessageId after, MessageId through, Limit limit);

    /** The entries of {@code rooms} with {@code id < before} that are nearest to it, in id order. */
    List<Message> readBefore(RoomSet rooms, MessageId before, Limit limit);

    /** The entries of all rooms with {@code id > after}, in id order: what a node reads to learn what others appended. */
    List<Message> readLog(MessageId after, Limit limit);

    /**
     * The cursor after which {@code count} (0 or more) entries of {@code rooms} stand. It is never below
     * {@link #trimmedThrough}, so that reading on from it has no gap: where retention cut one of the rooms, or where there
     * are not so many, fewer entries stand after it.
     */
    MessageId startOfLast(RoomSet rooms, int count);

    /**
     * The place of a cursor that a client brought: {@code cursor} itself when it is an entry's id, or when it is not above
     * everything that was ever trimmed (and so may have been one). Otherwise it belongs to another log, one that this one
     * replaced, and the answer is the greatest id of this log that is below it. A cursor below the id that the log started
     * with was never one of this log either: the answer is the id that the log started with. {@link MessageId#MIN} belongs to
     * every log, and stays.
     */
    MessageId floor(MessageId cursor);

    /** The highest id that was removed from one of {@code rooms}, or what the log started with where that is greater. */
    MessageId trimmedThrough(RoomSet rooms);

    /**
     * The rooms that lost entries with {@code id > after}, each with the highest id it ever lost. A node asks after
     * {@link #readLog}: what was removed before it could be read is a gap for its readers, too.
     */
    Map<Room, MessageId> trimmedAfter(MessageId after);

    /**
     * Sets the listener for ids that other nodes committed to a shared log; it replaces an earlier one. Reports are hints: a
     * report may be lost, late or repeated, and the service looks for new entries every second without any. The default
     * reports nothing.
     *
     * @param listener receives a committed id, or {@link MessageId#MAX} when reports may have been lost, on a thread of the
     *     store; it does not block
     */
    default void onCommitElsewhere(Consumer<MessageId> listener) {}

    /** Whether drafts come from an {@link Outbox} of this store, too. */
    default boolean hasOutbox() {
        return false;
    }

    /**
     * Appends what is next in the outbox, and takes it out in the same transaction. It is to be called until it answers null.
     *
     * @return what was appended, perhaps nothing; null when the outbox was empty, or there is none
     */
    default @Nullable Appended takeOutbox() {
        return null;
    }

    /** Who is in the room, on any node, sorted by nick; no more than {@value #MAX_PARTICIPANTS_SHOWN}. */
    List<Participant> participants(Room room);

    /**
     * Removes what {@code retention} does not keep, a prefix of each room, and keys older than {@link #KEY_LIFETIME}.
     *
     * @return the rooms that lost entries in this call, each with the highest id it ever lost
     */
    Map<Room, MessageId> trim(Retention retention);

    /**
     * Returns when an append would be stored now, as far as that can be told without one. Leaves nothing in the store, and does
     * not wait for the right to append. The default reads the last id.
     *
     * @throws StoreException when an append would not be stored
     */
    default void checkAppends() {
        lastId();
    }

    /** Ends it; later calls throw {@code UNAVAILABLE}. Does nothing the second time. */
    @Override
    void close();

    /**
     * What an append did.
     *
     * @param previous the log's last id before this batch
     * @param outcomes one for each draft, in their order; of {@link #expireNodes}, one for each participant of the node
     */
    record Appended(MessageId previous, List<Outcome> outcomes) {
        public Appended {
            outcomes = List.copyOf(outcomes);
        }

        /** The id of the last message that was placed; null when none was. */
        public @Nullable MessageId lastPlaced() {
            for (int i = outcomes.size() - 1; i >= 0; i--) {
                if (outcomes.get(i) instanceof Outcome.Placed placed) {
                    return placed.message().id();
                }
            }
            return null;
        }
    }

    /** What became of one draft. */
    sealed interface Outcome {
        /** It is in the log now. */
        record Placed(Message message) implements Outcome {}

        /** Its key was known, with the same nick and body: the message as it was stored then. */
        record Known(Message message) implements Outcome {}

        /** Its key was known, with another nick or body. */
        record Conflict() implements Outcome {}

        /** A join of somebody who is there, perhaps on another node, or a leave of somebody who is not or stays on one: no entry. */
        record Unchanged() implements Outcome {}
    }

    /**
     * Part of what is after a cursor.
     *
     * @param trimmedThrough the highest id that was removed from one of the rooms; a cursor below it has a gap
     * @param messages in id order
     * @param complete whether all up to the asked-for end is in it
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

            public Builder(Limit limit) {
                this.limit = limit;
            }

            /** Adds {@code message} and returns true, or returns false when the limit leaves no room. The first message always fits. */
            public boolean add(Message message) {
                long after = bytes + Text.utf8Length(message.body());
                if (!messages.isEmpty() && (messages.size() >= limit.entries() || after > limit.bytes())) {
                    return false;
                }
                bytes = after;
                messages.add(message);
                return true;
            }

            /** Returns the messages that were added, in that order. */
            public List<Message> messages() {
                return messages;
            }
        }
    }
}
