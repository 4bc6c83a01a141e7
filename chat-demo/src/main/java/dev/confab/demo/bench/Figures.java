package dev.confab.demo.bench;

import java.util.Locale;

/** Formats figures. */
final class Figures {
    private static final String NONE = "n/a";

    private Figures() {}

    static String millis(double millis) {
        return Double.isNaN(millis) ? "–" : rounded(millis);
    }

    /** Formats a value with three significant digits, or with all digits before the decimal point if there are more. */
    static String rounded(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%,.0f", value);
    }

    /** Formats a value that is NaN when it is not available. */
    static String known(double value) {
        return Double.isNaN(value) ? NONE : rounded(value);
    }

    static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    static String whole(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Formats a number of bytes in KiB; the number is NaN when it is not available. */
    static String kibibytes(double bytes) {
        return Double.isNaN(bytes) ? NONE : String.format(Locale.ROOT, "%.1f", bytes / 1024);
    }

    static String rate(double rate) {
        return rate == Math.rint(rate) ? whole(rate) : rounded(rate);
    }
}
