package dev.confab.demo.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The processors that the repeated tests run on. Thread-safe. */
enum Setting {
    /** One processor: threads run one after the other, for a whole time slice each. */
    ONE_PROCESSOR,
    /** Two processors, each of which also executes an endless loop. */
    BUSY_PROCESSORS,
    /** The JVM assumes 16 processors, so there are many event loops, and many threads in each pool. */
    SIXTEEN_PROCESSORS,
    /** No compiler: each step is slow, and different steps than usual are slow relative to the others. */
    INTERPRETED;

    /** Returns the name of the files that a run in this setting writes, without their extension. */
    String fileName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the command that starts {@code java} in this setting. */
    List<String> command(String java) throws IOException {
        return switch (this) {
            case ONE_PROCESSOR -> List.of("taskset", "-c", processors(1), java);
            case BUSY_PROCESSORS -> List.of("taskset", "-c", processors(2), java);
            case SIXTEEN_PROCESSORS -> List.of(java, "-XX:ActiveProcessorCount=16");
            case INTERPRETED -> List.of(java, "-Xint");
        };
    }

    /** Starts the processes that run beside the tests. The caller destroys the processes. */
    List<Process> startLoad() throws IOException {
        List<Process> load = new ArrayList<>();
        if (this == BUSY_PROCESSORS) {
            for (String processor : processors(2).split(",")) {
                load.add(new ProcessBuilder("taskset", "-c", processor, "sh", "-c", "while :; do :; done").start());
            }
        }
        return load;
    }

    /** Returns the first {@code count} processors that this process may use, in the format of {@code taskset}. */
    private static String processors(int count) throws IOException {
        String allowed = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElseThrow(() -> new IOException("/proc/self/status: no Cpus_allowed_list (expected: Linux)"));
        List<String> processors = new ArrayList<>();
        for (String range : allowed.split(",")) {
            String[] ends = range.split("-");
            for (int i = Integer.parseInt(ends[0]); i <= Integer.parseInt(ends[ends.length - 1]); i++) {
                processors.add(Integer.toString(i));
            }
        }
        return String.join(",", processors.subList(0, Math.min(count, processors.size())));
    }
}
