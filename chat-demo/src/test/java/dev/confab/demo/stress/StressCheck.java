package dev.confab.demo.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Repeats the tests of all modules in each setting for {@code -Dstress.minutes} (5), and prints how often each class
 * ran and failed. {@code -Dstress.settings=one-processor,interpreted} selects the settings, and {@code -Dstress.tests}
 * selects the classes by a regular expression. Runs in the profile {@code stress} only.
 */
final class StressCheck {
    /** The tests that do not depend on time or on other threads, and are therefore not repeated. */
    private static final String STEADY = ".*\\.(ArchitectureTest)";

    /** The tests that are too slow without a compiler, such as model checkers, in addition to the steady tests. */
    private static final String TOO_SLOW_INTERPRETED = STEADY + "|.*(Lincheck|Model)Test";

    /** The tests that Lincheck runs: it transforms every class that its JVM has loaded, so they get their own JVM. */
    private static final String LINCHECK = ".*LincheckTest";

    private static final String ALL_BUT_LINCHECK = "(?!" + LINCHECK + "$).*";

    /** The share of the time for the tests that Lincheck runs. */
    private static final double LINCHECK_SHARE = 0.1;

    private static final Path RESULTS = Path.of("target", "stress");

    static Stream<Setting> settings() {
        String chosen = System.getProperty("stress.settings", "");
        return Arrays.stream(Setting.values())
                .filter(setting ->
                        chosen.isEmpty() || List.of(chosen.split(",")).contains(setting.fileName()));
    }

    @ParameterizedTest
    @MethodSource("settings")
    @Timeout(value = 8, unit = TimeUnit.HOURS)
    void everyTestPassesEachTime(Setting setting) throws Exception {
        Files.createDirectories(RESULTS);
        double minutes = Double.parseDouble(System.getProperty("stress.minutes", "5"));
        List<Tally.Row> rows = new ArrayList<>();
        if (setting == Setting.INTERPRETED) {
            rows.addAll(run(setting, setting.fileName(), minutes, TOO_SLOW_INTERPRETED));
        } else {
            rows.addAll(run(setting, setting.fileName(), minutes * (1 - LINCHECK_SHARE), STEADY + "|" + LINCHECK));
            rows.addAll(run(setting, setting.fileName() + "-lincheck", minutes * LINCHECK_SHARE, ALL_BUT_LINCHECK));
        }
        print(setting, minutes, rows);
        assertThat(rows.stream().filter(row -> row.failed() > 0))
                .as("tests that failed, see %s", RESULTS)
                .isEmpty();
    }

    /** Repeats the tests in a JVM of their own. */
    private static List<Tally.Row> run(Setting setting, String name, double minutes, String excluded)
            throws IOException, InterruptedException {
        Path log = RESULTS.resolve(name + ".log");
        Path table = RESULTS.resolve(name + ".tsv");
        Files.deleteIfExists(table);
        List<Process> load = setting.startLoad();
        int status;
        try {
            status = run(command(setting, minutes, excluded, table), log);
        } finally {
            load.forEach(Process::destroyForcibly);
        }
        assertThat(table).as("the result of a run to the end, see %s", log).exists();
        List<Tally.Row> rows = Tally.read(table);
        boolean failed = rows.stream().anyMatch(row -> row.failed() > 0);
        assertThat(status).as("exit status, see %s", log).isEqualTo(failed ? 1 : 0);
        return rows;
    }

    private static List<String> command(Setting setting, double minutes, String excluded, Path table)
            throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(setting.command(java));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(
                StressRun.class.getName(),
                Double.toString(minutes),
                System.getProperty("stress.tests", ".*Test"),
                excluded,
                table.toString()));
        return command;
    }

    private static int run(List<String> command, Path log) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            return process.waitFor();
        } finally {
            process.destroyForcibly();
        }
    }

    private static void print(Setting setting, double minutes, List<Tally.Row> rows) {
        Map<String, int[]> classes = new TreeMap<>();
        for (Tally.Row row : rows) {
            String type = row.test().replaceFirst("\\.[^.]*$", "");
            int[] counts = classes.computeIfAbsent(type, ignored -> new int[2]);
            counts[0] += row.ran();
            counts[1] += row.failed();
        }
        System.out.println(
                "Stress, " + setting.fileName() + ", " + minutes + " minutes: tests that ran, tests that failed");
        classes.forEach((type, counts) -> System.out.printf("%8d %6d  %s%n", counts[0], counts[1], type));
        System.out.printf(
                "%8d %6d  in all; each test: chat-demo/%s/*.tsv%n",
                rows.stream().mapToInt(Tally.Row::ran).sum(),
                rows.stream().mapToInt(Tally.Row::failed).sum(),
                RESULTS);
        rows.stream()
                .filter(row -> row.failed() > 0)
                .forEach(row -> System.out.printf("FAILED %d of %d: %s%n", row.failed(), row.ran(), row.test()));
    }
}
