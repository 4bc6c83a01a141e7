package dev.confab.demo.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.faults.PresenceChecker.Move;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks that the presence checker finds each kind of problem, and reports none for correct joins and leaves. */
class PresenceCheckerTest {
    private static final Move JOIN = new Move("ann", true);
    private static final Move LEAVE = new Move("ann", false);
    private static final List<String> ANN = List.of("ann");

    @Test
    void correctMovesHaveNoProblems() {
        assertThat(PresenceChecker.problems(List.of(JOIN), ANN, 0)).isEmpty();
        assertThat(PresenceChecker.problems(List.of(JOIN, LEAVE, JOIN), ANN, 1)).isEmpty();
        assertThat(PresenceChecker.problems(List.of(JOIN, LEAVE), List.of(), 0)).isEmpty();
    }

    @Test
    void repeatedMoveIsFound() {
        assertThat(PresenceChecker.problems(List.of(JOIN, JOIN), ANN, 0)).containsExactly("twice: " + JOIN);
        assertThat(PresenceChecker.problems(List.of(JOIN, LEAVE, LEAVE), List.of(), 0))
                .containsExactly("twice: " + LEAVE);
        assertThat(PresenceChecker.problems(List.of(LEAVE), List.of(), 0)).containsExactly("twice: " + LEAVE);
    }

    @Test
    void missingOrRemainingParticipantIsFound() {
        assertThat(PresenceChecker.problems(List.of(), ANN, 0)).containsExactly("not there: ann");
        assertThat(PresenceChecker.problems(List.of(JOIN, LEAVE), ANN, 1)).containsExactly("not there: ann");
        assertThat(PresenceChecker.problems(List.of(JOIN), List.of(), 0)).containsExactly("never left: ann");
    }

    @Test
    void leaveWithoutAReasonIsFound() {
        assertThat(PresenceChecker.problems(List.of(JOIN, LEAVE, JOIN), ANN, 0))
                .containsExactly("ann left 1 times (expected: 0 at most)");
    }
}
