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
        Path log = RESULTS.resolve(setting.fileName() + ".log");
        Path table = RESULTS.resolve(setting.fileName() + ".tsv");
        Files.deleteIfExists(table);
        String minutes = System.getProperty("stress.minutes", "5");
        List<Process> load = setting.startLoad();
        int status;
        try {
            status = run(command(setting, minutes, table), log);
        } finally {
            load.forEach(Process::destroyForcibly);
        }
        assertThat(table).as("the result of a run to the end, see %s", log).exists();
        List<Tally.Row> rows = Tally.read(table);
        print(setting, minutes, rows, table);
        List<Tally.Row> failed = rows.stream().filter(row -> row.failed() > 0).toList();
        assertThat(failed).as("tests that failed, see %s", log).isEmpty();
        assertThat(leaks(log)).as("buffers that leaked, see %s", log).isEmpty();
        assertThat(status).as("exit status, see %s", log).isZero();
    }

    private static List<String> command(Setting setting, String minutes, Path table) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(setting.command(java));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(
                StressRun.class.getName(),
                minutes,
                System.getProperty("stress.tests", ".*Test"),
                setting == Setting.INTERPRETED ? TOO_SLOW_INTERPRETED : STEADY,
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

    private static List<String> leaks(Path log) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.contains("LEAK: ")).toList();
        }
    }

    private static void print(Setting setting, String minutes, List<Tally.Row> rows, Path table) {
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
                "%8d %6d  in all; each test: chat-demo/%s%n",
                rows.stream().mapToInt(Tally.Row::ran).sum(),
                rows.stream().mapToInt(Tally.Row::failed).sum(),
                table);
        rows.stream()
                .filter(row -> row.failed() > 0)
                .forEach(row -> System.out.printf("FAILED %d of %d: %s%n", row.failed(), row.ran(), row.test()));
    }
}
