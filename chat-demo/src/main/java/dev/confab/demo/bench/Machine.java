package dev.confab.demo.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The machine and the JVM of a run.
 *
 * @param memory the total memory in bytes
 */
record Machine(String processor, int cores, long memory, String system, String java, Instant date) {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    static Machine here() {
        long memory =
                ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                memory,
                property("os.name") + " " + property("os.version") + ", " + property("os.arch"),
                property("java.vm.name") + " " + property("java.runtime.version"),
                Instant.now().truncatedTo(ChronoUnit.SECONDS));
    }

    /** Returns the number of processors that all processes kept busy since the last call; NaN when it is unknown. */
    static double busyCores() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        double share = system.getCpuLoad();
        return share < 0 ? Double.NaN : share * system.getAvailableProcessors();
    }

    String memoryText() {
        return String.format(Locale.ROOT, "%.0f GiB", memory / (double) (1 << 30));
    }

    private static String property(String name) {
        return System.getProperty(name, "");
    }

    private static String processorName() {
        if (!Files.isReadable(PROCESSORS)) {
            return property("os.arch");
        }
        try (Stream<String> lines = Files.lines(PROCESSORS)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(property("os.arch"));
        } catch (IOException | java.io.UncheckedIOException e) {
            return property("os.arch");
        }
    }
}
