package dev.confab.demo.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.faults.History.Entry;
import dev.confab.demo.faults.History.Outcome;
import dev.confab.demo.faults.History.Publish;
import dev.confab.demo.faults.History.Reading;
import dev.confab.demo.faults.History.Transaction;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Checks that the history checker finds each kind of problem, and reports none in a correct history. */
class HistoryCheckerTest {
    private static final Entry A = new Entry("1", "a");
    private static final Entry B = new Entry("2", "b");
    private static final Entry C = new Entry("3", "c");

    private static final List<Publish> PUBLISHES =
            List.of(acknowledged("a", "1", 10, 20), acknowledged("b", "2", 30, 40), acknowledged("c", "3", 35, 60));

    @Test
    void correctHistoryHasNoProblems() {
        assertThat(problems(PUBLISHES, List.of(A, B, C), A, B, C)).isEmpty();
    }

    @Test
    void readerMayBeBehind() {
        assertThat(problems(PUBLISHES, List.of(A, B, C), A)).isEmpty();
        assertThat(problems(PUBLISHES, List.of(A, B, C))).isEmpty();
    }

    @Test
    void acknowledgedMessageMissingFromTheLogIsFound() {
        assertThat(problems(PUBLISHES, List.of(A, C), A, C))
                .singleElement()
                .asString()
                .startsWith("lost: Publish[writer=w, key=b,");
    }

    @Test
    void messageStoredUnderAnotherIdThanAcknowledgedIsFound() {
        assertThat(problems(List.of(acknowledged("a", "2", 10, 20)), List.of(A)))
                .singleElement()
                .asString()
                .startsWith("acknowledged with another id: ");
    }

    @Test
    void bodyTwiceInTheLogIsFound() {
        Entry again = new Entry("4", "a");
        assertThat(problems(PUBLISHES, List.of(A, B, C, again), A, B, C, again))
                .containsExactly("log: " + again + " is there twice");
    }

    @Test
    void logOutOfOrderIsFound() {
        assertThat(problems(List.of(unknown("a"), unknown("b")), List.of(B, A)))
                .containsExactly("log: " + A + " stands after 2");
    }

    @Test
    void unknownPublishMayBeStoredOrNot() {
        assertThat(problems(List.of(unknown("a"), unknown("b")), List.of(B), B)).isEmpty();
    }

    @Test
    void unknownPublishStoredTwiceIsFound() {
        assertThat(problems(List.of(unknown("b")), List.of(B, new Entry("3", "b"))))
                .hasSize(1);
    }

    @Test
    void refusedPublishThatIsStoredIsFound() {
        Publish refused = new Publish("w", "a", "a", 10, 20, Outcome.REFUSED, null);
        assertThat(problems(List.of(refused), List.of(A))).containsExactly("refused, and stored: " + refused);
        assertThat(problems(List.of(refused), List.of())).isEmpty();
    }

    @Test
    void unpublishedMessageInTheLogIsFound() {
        assertThat(problems(List.of(), List.of(A), A)).containsExactly("log: nobody published " + A);
    }

    @Test
    void publishAcknowledgedBeforeAnotherWasSentMustPrecedeIt() {
        List<Publish> publishes = List.of(acknowledged("b", "2", 10, 20), acknowledged("a", "1", 21, 30));
        assertThat(problems(publishes, List.of(A, B)))
                .singleElement()
                .asString()
                .startsWith("acknowledged before");
        List<Publish> overlapping = List.of(acknowledged("b", "2", 10, 20), acknowledged("a", "1", 20, 30));
        assertThat(problems(overlapping, List.of(A, B))).isEmpty();
    }

    @Test
    void storedUnknownPublishMustKeepTheOrder() {
        Publish unknown = new Publish("w", "a", "a", 21, 30, Outcome.UNKNOWN, null);
        assertThat(problems(List.of(acknowledged("b", "2", 10, 20), unknown), List.of(A, B)))
                .hasSize(1);
    }

    @Test
    void unannouncedGapIsFound() {
        assertThat(problems(PUBLISHES, List.of(A, B, C), A, C))
                .containsExactly("reader did not get 1 from " + B + " up to " + C + ", and no gap was announced");
        assertThat(problems(PUBLISHES, List.of(A, B, C), B, C)).hasSize(1);
    }

    @Test
    void announcedGapIsNoProblem() {
        assertThat(problems(PUBLISHES, List.of(A, B, C), Entry.gap("2"), C)).isEmpty();
        // A gap that covers more or less than the entries left out is a problem.
        assertThat(problems(PUBLISHES, List.of(A, B, C), Entry.gap("2"), B, C)).hasSize(1);
        assertThat(problems(PUBLISHES, List.of(A, B, C), Entry.gap("1"), C)).hasSize(1);
    }

    @Test
    void duplicateDeliveryIsFound() {
        assertThat(problems(PUBLISHES, List.of(A, B, C), A, B, B, C)).containsExactly("reader got it twice: " + B);
        assertThat(problems(PUBLISHES, List.of(A, B, C), A, B, C, A)).containsExactly("reader got it twice: " + A);
    }

    @Test
    void deliveryOutOfOrderIsFound() {
        assertThat(problems(PUBLISHES, List.of(A, B, C), A, C, B))
                .hasSize(2)
                .contains("reader got it out of order: " + B);
    }

    @Test
    void deliveredEntryMissingFromTheLogIsFound() {
        Entry other = new Entry("2", "x");
        assertThat(problems(PUBLISHES, List.of(A, B, C), A, other))
                .containsExactly("reader got what is not in the log: " + other);
    }

    @Test
    void rowExistsIfAndOnlyIfItsMessageDoes() {
        List<Transaction> committed = List.of(transaction(Outcome.ACKNOWLEDGED, "a", "b"));
        List<Transaction> unknown = List.of(transaction(Outcome.UNKNOWN, "a", "b"));
        assertThat(problems(committed, Set.of("a", "b"), A, B)).isEmpty();
        assertThat(problems(unknown, Set.of("a", "b"), A, B)).isEmpty();
        assertThat(problems(unknown, Set.of())).isEmpty();
        assertThat(problems(unknown, Set.of("a", "b"), A))
                .containsExactly("a row without its message: b of " + unknown.get(0));
        assertThat(problems(unknown, Set.of("a"), A, B))
                .containsExactly("a message without its row: b of " + unknown.get(0));
    }

    @Test
    void transactionThatContradictsItsOutcomeIsFound() {
        Transaction committed = transaction(Outcome.ACKNOWLEDGED, "a");
        assertThat(problems(List.of(committed), Set.of()))
                .containsExactly("committed, and not there: a of " + committed);
        Transaction rolledBack = transaction(Outcome.REFUSED, "a");
        assertThat(problems(List.of(rolledBack), Set.of("a"), A))
                .containsExactly("rolled back, and there: a of " + rolledBack);
        assertThat(problems(List.of(rolledBack), Set.of())).isEmpty();
    }

    @Test
    void messageTwiceInTheLogIsFound() {
        Entry again = new Entry("4", "a");
        assertThat(problems(List.of(transaction(Outcome.ACKNOWLEDGED, "a")), Set.of("a"), A, again))
                .containsExactly("log: " + again + " is there twice");
    }

    @Test
    void messagesOutOfOutboxOrderAreFound() {
        Transaction first = transaction(Outcome.ACKNOWLEDGED, "b");
        Transaction second = transaction(Outcome.UNKNOWN, "a", "c");
        assertThat(problems(List.of(first, second), Set.of("a", "b", "c"), A, B, C))
                .containsExactly("not in the outbox's order: a of " + second);
        Transaction other = new Transaction("other", List.of("a", "c"), Outcome.ACKNOWLEDGED);
        assertThat(problems(List.of(first, other), Set.of("a", "b", "c"), A, B, C))
                .isEmpty();
    }

    private static Transaction transaction(Outcome outcome, String... bodies) {
        return new Transaction("application", List.of(bodies), outcome);
    }

    private static List<String> problems(List<Transaction> transactions, Set<String> rows, Entry... log) {
        return HistoryChecker.problems(new History(List.of(), List.of(log), List.of(), transactions, rows));
    }

    private static Publish acknowledged(String body, String id, long sent, long answered) {
        return new Publish("w", body, body, sent, answered, Outcome.ACKNOWLEDGED, id);
    }

    private static Publish unknown(String body) {
        return new Publish("w", body, body, 10, 100, Outcome.UNKNOWN, null);
    }

    private static List<String> problems(List<Publish> publishes, List<Entry> log, Entry... read) {
        return HistoryChecker.problems(
                new History(publishes, log, List.of(new Reading("reader", List.of(read))), List.of(), Set.of()));
    }
}
