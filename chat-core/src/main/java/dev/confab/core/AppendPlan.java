package dev.confab.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The decisions about a batch of drafts, before any of it is stored: ids, repeated keys, joins and leaves. All stores
 * share this part of an append. A store makes the plan while it holds the append lock, writes the contents of the plan
 * in one transaction, and returns {@link #appended()}. Immutable.
 */
public final class AppendPlan {
    /** The identity of a publish key: the same text in another room is another key. */
    public record Key(Room room, String text) {}

    /**
     * The data that a store keeps for a publish key. A store can recognize a repeated publish from this data alone,
     * even when retention has removed the message.
     *
     * @param id the id of the first publish with the key
     * @param digest a hash of that publish's nick and body
     */
    public record KnownKey(MessageId id, UUID digest) {
        private static KnownKey of(MessageId id, Draft draft) {
            return new KnownKey(id, digest(draft));
        }

        /** Returns whether the key is older than {@link MessageStore#KEY_LIFETIME}. */
        public boolean isExpired(Instant now) {
            return MessageId.floorOfAge(now, MessageStore.KEY_LIFETIME).isAfter(id);
        }

        private boolean matches(Draft draft) {
            return digest.equals(digest(draft));
        }

        /**
         * Returns the first 128 bits of SHA-256 over nick and body. U+0000 separates nick and body, because neither can
         * contain it. A missing nick counts as an empty text.
         */
        private static UUID digest(Draft draft) {
            Nick nick = draft.nick();
            String text = (nick == null ? "" : nick.name()) + '\0' + draft.body();
            try {
                ByteBuffer hash = ByteBuffer.wrap(
                        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
                return new UUID(hash.getLong(), hash.getLong());
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("SHA-256 is part of every Java platform", e);
            }
        }
    }

    /**
     * The nodes on which a batch's joining and leaving participants are already present.
     *
     * @param node the node that the batch joins or leaves
     * @param isLeased whether that node has a lease
     * @param nodes the nodes of each participant, never an empty set; may contain participants that are not in the
     *     batch
     */
    public record PresentNodes(UUID node, boolean isLeased, Map<Participant, Set<UUID>> nodes) {
        private boolean isHere(Participant participant) {
            return of(participant).contains(node);
        }

        private boolean isElsewhere(Participant participant) {
            return of(participant).size() > (isHere(participant) ? 1 : 0);
        }

        private Set<UUID> of(Participant participant) {
            return nodes.getOrDefault(participant, Set.of());
        }
    }

    /**
     * The leases and the participants of all nodes, for a store that keeps them in memory. Not thread-safe, but reads
     * may run concurrently.
     */
    public static final class Nodes {
        private final Map<UUID, Instant> leases = new HashMap<>();
        private final Map<Participant, Set<UUID>> participants = new HashMap<>();

        public Nodes() {}

        /** Sets the end of the node's lease, by the store's clock; null removes the lease. */
        public void setLease(UUID node, @Nullable Instant end) {
            leases.compute(node, (key, earlier) -> end);
        }

        public boolean hasLease(UUID node) {
            return leases.containsKey(node);
        }

        /** Returns whether a node other than {@code node} has a lease that ends after {@code now}. */
        public boolean hasOthers(UUID node, Instant now) {
            return leases.entrySet().stream()
                    .anyMatch(lease ->
                            !lease.getKey().equals(node) && lease.getValue().isAfter(now));
        }

        /**
         * Returns the next node to expire, or null if there is none; see {@link MessageStore#expireNodes}. Shortens the
         * leases that are longer than {@link MessageStore#MAX_LEASE}.
         */
        public @Nullable UUID nextToExpire(UUID node, boolean alone, Instant now) {
            Instant longest = now.plus(MessageStore.MAX_LEASE);
            leases.replaceAll((other, end) -> end.isAfter(longest) ? longest : end);
            return leases.entrySet().stream()
                    .filter(lease -> alone || !lease.getValue().isAfter(now))
                    .map(Map.Entry::getKey)
                    .filter(other -> !other.equals(node))
                    .findFirst()
                    .orElse(null);
        }

        /** Adds the participant to the node (true) or removes it from the node (false). */
        public void setPresent(Participant participant, UUID node, boolean isPresent) {
            Set<UUID> nodes = participants.computeIfAbsent(participant, absent -> new HashSet<>());
            if (isPresent) {
                nodes.add(node);
            } else {
                nodes.remove(node);
            }
            if (nodes.isEmpty()) {
                participants.remove(participant);
            }
        }

        /** Returns the result for {@link MessageStore#participants} to return. */
        public List<Participant> participants(Room room) {
            return participants.keySet().stream()
                    .filter(participant -> participant.room().equals(room))
                    .sorted(Comparator.comparing(
                            participant -> participant.nick().name()))
                    .limit(MessageStore.MAX_PARTICIPANTS_SHOWN)
                    .toList();
        }

        /** Returns a leave for each participant of the node. */
        public List<Draft> leaves(UUID node) {
            return participants.entrySet().stream()
                    .filter(present -> present.getValue().contains(node))
                    .map(Map.Entry::getKey)
                    .map(participant -> Draft.leave(participant.room(), participant.nick()))
                    .toList();
        }

        /** Returns the nodes of all participants, for the plan of a batch of {@code node}. */
        public PresentNodes present(UUID node) {
            return new PresentNodes(node, hasLease(node), participants);
        }
    }

    private final MessageStore.Appended appended;
    private final List<Message> messages;
    private final Map<Key, KnownKey> keys;
    private final Set<Key> replacedKeys;
    private final Map<Participant, Boolean> participants;

    private AppendPlan(Decisions decisions) {
        appended = new MessageStore.Appended(decisions.previous, decisions.outcomes);
        messages = List.copyOf(decisions.messages);
        keys = Collections.unmodifiableMap(decisions.keys);
        replacedKeys =
                keys.keySet().stream().filter(decisions.knownKeys::containsKey).collect(Collectors.toUnmodifiableSet());
        participants = Collections.unmodifiableMap(decisions.participants);
    }

    /**
     * Decides the outcome of each draft, in the order of the drafts.
     *
     * @param previous the log's last id
     * @param now one reading of the store's clock for the whole batch
     * @param knownKeys the stored keys of any age: at least the keys of the batch; the map is not changed
     * @param present the nodes of at least the batch's participants; not changed
     */
    public static AppendPlan of(
            MessageId previous, Instant now, List<Draft> drafts, Map<Key, KnownKey> knownKeys, PresentNodes present) {
        Decisions decisions = new Decisions(previous, now, knownKeys, present);
        drafts.forEach(decisions::decide);
        return new AppendPlan(decisions);
    }

    /** Returns the result for {@link MessageStore#append} to return once the plan is stored. */
    public MessageStore.Appended appended() {
        return appended;
    }

    /** Returns the messages to add to the log, in id order. */
    public List<Message> messages() {
        return messages;
    }

    /** Returns the keys to store, in the order of their messages. */
    public Map<Key, KnownKey> keys() {
        return keys;
    }

    /**
     * Returns the keys among {@link #keys()} that replace a stored key, which is older than
     * {@link MessageStore#KEY_LIFETIME}.
     */
    public Set<Key> replacedKeys() {
        return replacedKeys;
    }

    /** Returns the participants to add to the node (true) or to remove from it (false). */
    public Map<Participant, Boolean> participants() {
        return participants;
    }

    /** Returns whether there is nothing to write. */
    public boolean isEmpty() {
        return messages.isEmpty() && participants.isEmpty();
    }

    /** Builds the plan. Used by one thread. */
    private static final class Decisions {
        private final MessageId previous;
        private final IdGenerator ids;
        private final Instant now;
        private final Map<Key, KnownKey> knownKeys;
        private final PresentNodes present;

        private final List<MessageStore.Outcome> outcomes = new ArrayList<>();
        private final List<Message> messages = new ArrayList<>();
        private final Map<Key, KnownKey> keys = new LinkedHashMap<>();
        private final Map<Participant, Boolean> participants = new HashMap<>();
        private MessageId last;

        Decisions(MessageId previous, Instant now, Map<Key, KnownKey> knownKeys, PresentNodes present) {
            this.previous = previous;
            this.last = previous;
            this.ids = new IdGenerator(InstantSource.fixed(now));
            this.now = now;
            this.knownKeys = knownKeys;
            this.present = present;
        }

        void decide(Draft draft) {
            outcomes.add(
                    switch (draft.type()) {
                        case MESSAGE -> publish(draft);
                        case JOIN, LEAVE -> join(draft);
                    });
        }

        private MessageStore.Outcome publish(Draft draft) {
            if (draft.key() == null) {
                return place(draft);
            }
            Key key = new Key(draft.room(), draft.key());
            KnownKey known = keys.get(key);
            if (known == null) {
                known = knownKeys.get(key);
            }
            if (known == null || known.isExpired(now)) {
                MessageStore.Outcome.Placed placed = place(draft);
                keys.put(key, KnownKey.of(last, draft));
                return placed;
            }
            return known.matches(draft)
                    ? new MessageStore.Outcome.Known(Message.of(known.id(), draft))
                    : new MessageStore.Outcome.Conflict();
        }

        private MessageStore.Outcome join(Draft draft) {
            Participant participant = Participant.of(draft);
            boolean here = participants.getOrDefault(participant, present.isHere(participant));
            boolean joins = draft.type() == Message.Type.JOIN;
            if (here == joins || (joins && !present.isLeased())) {
                return new MessageStore.Outcome.Unchanged();
            }
            participants.put(participant, joins);
            return present.isElsewhere(participant) ? new MessageStore.Outcome.Unchanged() : place(draft);
        }

        private MessageStore.Outcome.Placed place(Draft draft) {
            last = ids.next(last);
            Message message = Message.of(last, draft);
            messages.add(message);
            return new MessageStore.Outcome.Placed(message);
        }
    }
}
