package dev.confab.demo.faults;

import dev.confab.demo.faults.History.Entry;
import dev.confab.demo.faults.History.Outcome;
import dev.confab.demo.faults.History.Publish;
import dev.confab.demo.faults.History.Reading;
import dev.confab.demo.faults.History.Transaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks the guarantees that must hold whatever faults the nodes had:
 *
 * <ul>
 *   <li>The log contains each acknowledged message once, and each message with an unknown outcome at most once.
 *   <li>A refused message is not in the log.
 *   <li>A message that was acknowledged before another one was sent precedes it in the log.
 *   <li>Each reader got the beginning of the log up to its cursor, in order, and every gap was announced.
 *   <li>A row of an application exists if and only if its message is in the log.
 *   <li>The messages of an application are in the order in which it wrote them.
 * </ul>
 */
final class HistoryChecker {
    private final History history;
    private final List<String> problems = new ArrayList<>();
    /** The first index in the log of each body. */
    private final Map<String, Integer> places = new HashMap<>();
    /** The index in the log of each id. */
    private final Map<String, Integer> positions = new HashMap<>();

    private HistoryChecker(History history) {
        this.history = history;
    }

    /** Returns a description of each problem; empty when all guarantees hold. */
    static List<String> problems(History history) {
        HistoryChecker checker = new HistoryChecker(history);
        checker.checkLog();
        checker.checkPublishes();
        checker.checkTimes();
        checker.checkTransactions();
        history.readings().forEach(checker::checkReading);
        return checker.problems;
    }

    private void checkLog() {
        String last = "";
        List<Entry> log = history.log();
        for (int i = 0; i < log.size(); i++) {
            Entry entry = log.get(i);
            if (entry.id().compareTo(last) <= 0) {
                problems.add("log: " + entry + " stands after " + last);
            }
            last = entry.id();
            positions.put(entry.id(), i);
            if (places.putIfAbsent(entry.body(), i) != null) {
                problems.add("log: " + entry + " is there twice");
            }
        }
    }

    private void checkPublishes() {
        Set<String> published = new HashSet<>();
        for (Publish publish : history.publishes()) {
            published.add(publish.body());
            Integer place = places.get(publish.body());
            if (publish.outcome() == Outcome.ACKNOWLEDGED) {
                if (place == null) {
                    problems.add("lost: " + publish);
                } else if (!history.log().get(place).id().equals(publish.id())) {
                    problems.add("acknowledged with another id: " + publish + ", "
                            + history.log().get(place));
                }
            } else if (publish.outcome() == Outcome.REFUSED && place != null) {
                problems.add("refused, and stored: " + publish);
            }
        }
        history.transactions().forEach(transaction -> published.addAll(transaction.bodies()));
        for (Entry entry : history.log()) {
            if (!published.contains(entry.body())) {
                problems.add("log: nobody published " + entry);
            }
        }
    }

    /** Checks that a message acknowledged before another message was sent precedes that message in the log. */
    private void checkTimes() {
        List<Publish> sent = history.publishes().stream()
                .filter(publish -> places.containsKey(publish.body()))
                .sorted(Comparator.comparingLong(Publish::sent))
                .toList();
        List<Publish> acknowledged = sent.stream()
                .filter(publish -> publish.outcome() == Outcome.ACKNOWLEDGED)
                .sorted(Comparator.comparingLong(Publish::answered))
                .toList();
        int next = 0;
        Publish newest = null;
        for (Publish publish : sent) {
            while (next < acknowledged.size() && acknowledged.get(next).answered() < publish.sent()) {
                Publish earlier = acknowledged.get(next++);
                newest = newest == null || place(earlier) > place(newest) ? earlier : newest;
            }
            if (newest != null && place(newest) > place(publish)) {
                problems.add("acknowledged before the other was sent, and behind it: " + newest + ", " + publish);
            }
        }
    }

    private void checkTransactions() {
        Map<String, Integer> last = new HashMap<>();
        for (Transaction transaction : history.transactions()) {
            for (String body : transaction.bodies()) {
                boolean row = history.rows().contains(body);
                Integer place = places.get(body);
                if (row != (place != null)) {
                    problems.add((row ? "a row without its message: " : "a message without its row: ") + body + " of "
                            + transaction);
                }
                if (transaction.outcome() == Outcome.ACKNOWLEDGED && !row) {
                    problems.add("committed, and not there: " + body + " of " + transaction);
                }
                if (transaction.outcome() == Outcome.REFUSED && row) {
                    problems.add("rolled back, and there: " + body + " of " + transaction);
                }
                if (place != null && place < last.getOrDefault(transaction.application(), place)) {
                    problems.add("not in the outbox's order: " + body + " of " + transaction);
                }
                if (place != null) {
                    last.put(transaction.application(), place);
                }
            }
        }
    }

    private int place(Publish publish) {
        return places.get(publish.body());
    }

    private void checkReading(Reading reading) {
        List<Entry> log = history.log();
        Set<String> got = new HashSet<>();
        int next = 0;
        for (Entry entry : reading.entries()) {
            if (entry.isGap()) {
                while (next < log.size() && log.get(next).id().compareTo(entry.id()) <= 0) {
                    next++;
                }
                continue;
            }
            Integer position = positions.get(entry.id());
            if (position == null || !log.get(position).equals(entry)) {
                problems.add(reading.reader() + " got what is not in the log: " + entry);
            } else if (!got.add(entry.id())) {
                problems.add(reading.reader() + " got it twice: " + entry);
            } else if (position < next) {
                problems.add(reading.reader() + " got it out of order: " + entry);
            } else {
                if (position > next) {
                    problems.add(reading.reader() + " did not get " + (position - next) + " from " + log.get(next)
                            + " up to " + entry + ", and no gap was announced");
                }
                next = position + 1;
            }
        }
    }
}
