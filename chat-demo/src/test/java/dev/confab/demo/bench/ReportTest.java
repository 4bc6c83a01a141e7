package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.Transport;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Checks the text of reports, with simulated results instead of a server. */
final class ReportTest {
    @Test
    void tableHasTheMedianAndTheRangeOfTheRounds() {
        assertThat(report(5, 9, 6).table().lines().skip(3).map(ReportTest::cells))
                .containsExactly(
                        "SSE 30 0 0 0 6.00 6.00 6.00 6.00 6.00 6.00 100 n/a 0 n/a n/a",
                        "least 5.00 5.00 5.00 5.00 5.00 5.00 100 n/a 0 n/a n/a",
                        "most 9.01 9.01 9.01 9.01 9.01 9.01 100 n/a 0 n/a n/a");
    }

    @Test
    void tableOfOneRoundHasNoRange() {
        assertThat(report(5).table().lines().skip(3)).hasSize(1);
    }

    @Test
    void jsonHasTheMedianTheRangeAndEachRound() {
        String json = JsonReport.of(report(5, 9, 6)).replaceAll("\\s", "");
        assertThat(json)
                .contains("\"rounds\":3,", "\"delivered\":30,", "\"latencyMillis\":{\"count\":1,\"p50\":6")
                .containsPattern("\"range\":\\{.*\"latencyMillis\":\\{\"count\":\\[1.0,1.0],\"p50\":\\[5.\\d*,9.\\d*],")
                .containsPattern("\"byRound\":\\[\\{.*\"p50\":5.*\"p50\":9.*\"p50\":6.*");
    }

    @Test
    void pageHasTheMedianAndTheRangeOfTheRounds() {
        assertThat(HtmlReport.of(report(5, 9, 6)))
                .contains("the transports in turn, 3 rounds of 1", "<td>6.00<br><small>5.00 to 9.01</small></td>")
                .doesNotContain("{{");
        assertThat(HtmlReport.of(report(5))).contains("<td>5.00</td>").doesNotContain("in turn", "{{");
    }

    @Test
    void reportNamesTheLongestStall() {
        Result stolen = Results.of(Transport.SSE, 10, 5, 0, Results.stalls(40, 0.02));
        Rounds rounds = new Rounds(
                Transport.SSE,
                List.of(stolen, Results.of(Transport.SSE, 10, 5)),
                List.of(new Rounds.Repeated(1, stolen)));
        Report report = new Report("bench", Machine.here(), "in memory", 1, true, rounds.load(), 2, List.of(rounds));
        String sentence =
                "A thread that sleeps for 5 ms woke up at most 40.0 ms late, the hypervisor took at most 2.0 %,"
                        + " rounds measured again: 1.";
        assertThat(report.stalls()).isEqualTo(sentence);
        assertThat(HtmlReport.of(report)).contains(sentence);
        assertThat(JsonReport.of(report).replaceAll("\\s", ""))
                .containsPattern("\"repeated\":\\[\\{\"round\":1,.*\"stolenShare\":0.02");
    }

    private static Report report(int... millis) {
        List<Result> results = IntStream.of(millis)
                .mapToObj(each -> Results.of(Transport.SSE, 10, each))
                .toList();
        Rounds rounds = new Rounds(Transport.SSE, results, List.of());
        return new Report(
                "bench", Machine.here(), "in memory", 1, true, rounds.load(), results.size(), List.of(rounds));
    }

    private static String cells(String line) {
        return line.strip().replaceAll(" +", " ");
    }
}
