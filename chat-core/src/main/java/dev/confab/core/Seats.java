package dev.confab.core;

import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Where the participants are whom a batch has join or leave a node.
 *
 * @param node the one they join or leave
 * @param isLeased whether that node has a lease
 * @param nodes at least of those of the batch: the nodes they are on; never an empty set
 */
record Seats(UUID node, boolean isLeased, Map<Participant, Set<UUID>> nodes) {
    boolean isHere(Participant participant) {
        return of(participant).contains(node);
    }

    boolean isElsewhere(Participant participant) {
        return of(participant).size() > (isHere(participant) ? 1 : 0);
    }

    private Set<UUID> of(Participant participant) {
        return nodes.getOrDefault(participant, Set.of());
    }
}
