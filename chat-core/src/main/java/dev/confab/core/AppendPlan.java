package dev.confab.core;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides what becomes of each draft of a batch, before any of it is stored: the part of an append that all stores share.
 * Made while the right to append is held, and used by one thread.
 */
final class AppendPlan {
    private final MessageId previous;
    private final IdGenerator ids;
    private final MessageId keysFrom;
    private final Map<KeyName, StoredKey> knownKeys;
    private final Seats seats;

    private final List<MessageStore.Outcome> outcomes = new ArrayList<>();
    private final List<Message> entries = new ArrayList<>();
    private final Map<KeyName, StoredKey> keys = new LinkedHashMap<>();
    private final Map<Participant, Boolean> participants = new HashMap<>();
    private MessageId last;

    /**
     * @param previous the log's last id
     * @param now one reading of the clock for the whole batch
     * @param knownKeys at least those of the batch's keys that are stored, whatever their age
     */
    AppendPlan(MessageId previous, Instant now, Map<KeyName, StoredKey> knownKeys, Seats seats) {
        this.previous = previous;
        this.last = previous;
        this.ids = new IdGenerator(InstantSource.fixed(now));
        this.keysFrom = IdGenerator.floorOfAge(now, MessageStore.KEY_LIFETIME);
        this.knownKeys = knownKeys;
        this.seats = seats;
    }

    AppendPlan decide(List<Draft> drafts) {
        for (Draft draft : drafts) {
            outcomes.add(
                    switch (draft.type()) {
                        case MESSAGE -> publish(draft);
                        case JOIN, LEAVE -> join(draft);
                    });
        }
        return this;
    }

    /** What the caller of append gets once this is stored. */
    MessageStore.Appended appended() {
        return new MessageStore.Appended(previous, outcomes);
    }

    /** To be added to the log, in id order. */
    List<Message> entries() {
        return entries;
    }

    /** To be remembered. */
    Map<KeyName, StoredKey> keys() {
        return keys;
    }

    /** Those of {@link #keys()} that take the place of one that is stored still, from more than 24 h ago. */
    Set<KeyName> replacedKeys() {
        return keys.keySet().stream().filter(knownKeys::containsKey).collect(Collectors.toSet());
    }

    /** Who is to be on the node from now on, or not to be where that is false. */
    Map<Participant, Boolean> participants() {
        return participants;
    }

    /** Whether there is nothing to be written. */
    boolean isEmpty() {
        return entries.isEmpty() && participants.isEmpty();
    }

    private MessageStore.Outcome publish(Draft draft) {
        if (draft.key() == null) {
            return place(draft);
        }
        KeyName name = new KeyName(draft.room(), draft.key());
        StoredKey known = keys.get(name);
        if (known == null) {
            known = knownKeys.get(name);
        }
        if (known == null || keysFrom.isAfter(known.id())) {
            MessageStore.Outcome.Placed placed = place(draft);
            keys.put(name, StoredKey.of(last, draft));
            return placed;
        }
        return known.matches(draft)
                ? new MessageStore.Outcome.Known(Message.of(known.id(), draft))
                : new MessageStore.Outcome.Conflict();
    }

    private MessageStore.Outcome join(Draft draft) {
        Participant participant = Participant.of(draft);
        boolean here = participants.getOrDefault(participant, seats.isHere(participant));
        boolean joins = draft.type() == Message.Type.JOIN;
        if (here == joins || (joins && !seats.isLeased())) {
            return new MessageStore.Outcome.Unchanged();
        }
        participants.put(participant, joins);
        return seats.isElsewhere(participant) ? new MessageStore.Outcome.Unchanged() : place(draft);
    }

    private MessageStore.Outcome.Placed place(Draft draft) {
        last = ids.next(last);
        Message message = Message.of(last, draft);
        entries.add(message);
        return new MessageStore.Outcome.Placed(message);
    }
}
