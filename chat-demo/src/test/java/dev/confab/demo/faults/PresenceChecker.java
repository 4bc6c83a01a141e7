package dev.confab.demo.faults;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks the joins and leaves of participants: they alternate, each present participant's last move is a join, and
 * nobody left without a reason.
 */
final class PresenceChecker {
    private PresenceChecker() {}

    /**
     * A join or a leave.
     *
     * @param joins false for a leave
     */
    record Move(String nick, boolean joins) {}

    /**
     * Returns a description of each problem; empty when there is none.
     *
     * @param moves the joins and leaves, in the log's order
     * @param present the participants that are still present
     * @param reasons how often each present participant may have been taken for gone
     */
    static List<String> problems(List<Move> moves, List<String> present, int reasons) {
        List<String> problems = new ArrayList<>();
        Map<String, Boolean> there = new HashMap<>();
        Map<String, Integer> leaves = new HashMap<>();
        for (Move move : moves) {
            if (there.getOrDefault(move.nick(), false) == move.joins()) {
                problems.add("twice: " + move);
            }
            there.put(move.nick(), move.joins());
            leaves.merge(move.nick(), move.joins() ? 0 : 1, Integer::sum);
        }
        for (String nick : present) {
            if (!there.getOrDefault(nick, false)) {
                problems.add("not there: " + nick);
            }
            if (leaves.getOrDefault(nick, 0) > reasons) {
                problems.add(nick + " left " + leaves.get(nick) + " times (expected: " + reasons + " at most)");
            }
        }
        there.forEach((nick, here) -> {
            if (here && !present.contains(nick)) {
                problems.add("never left: " + nick);
            }
        });
        return problems;
    }
}
