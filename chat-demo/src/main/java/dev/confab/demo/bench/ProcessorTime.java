package dev.confab.demo.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The processor time of a virtual machine since its start, in ticks. NaN where the system does not count it.
 *
 * @param total the time of all processors, including idle time
 * @param stolen the time in which a processor had work, but the hypervisor ran another machine
 */
record ProcessorTime(double total, double stolen) {
    private static final Path SOURCE = Path.of("/proc/stat");
    /** The fields of a line: user, nice, system, idle, iowait, irq, softirq, steal. Guest time is part of user. */
    private static final int FIELDS = 8;

    static ProcessorTime now() {
        try {
            return parse(Files.readString(SOURCE, StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return new ProcessorTime(Double.NaN, Double.NaN);
        }
    }

    /** Reads the first line of {@code /proc/stat}, the sum of all processors. */
    static ProcessorTime parse(String stat) {
        String[] words = stat.lines().findFirst().orElse("").split(" +");
        if (!words[0].equals("cpu") || words.length <= FIELDS) {
            return new ProcessorTime(Double.NaN, Double.NaN);
        }
        double total = Arrays.stream(words, 1, FIELDS + 1)
                .mapToDouble(Double::parseDouble)
                .sum();
        return new ProcessorTime(total, Double.parseDouble(words[FIELDS]));
    }

    /** Returns the stolen share of the time since an earlier moment, 0 to 1; NaN when it is unknown. */
    double stolenShare(ProcessorTime earlier) {
        return (stolen - earlier.stolen) / Math.max(1, total - earlier.total);
    }
}
