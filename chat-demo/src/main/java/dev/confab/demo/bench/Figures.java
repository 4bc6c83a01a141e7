package dev.confab.demo.bench;

import java.util.Locale;
import java.util.OptionalDouble;

/** Formats figures. */
final class Figures {
    static final String NONE = "n/a";

    private Figures() {}

    static String millis(double millis) {
        return Double.isNaN(millis) ? "–" : rounded(millis);
    }

    /** Formats a value with three significant digits, or with all digits before the decimal point if there are more. */
    static String rounded(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%,.0f", value);
    }

    static String rounded(OptionalDouble value) {
        return value.isPresent() ? rounded(value.getAsDouble()) : NONE;
    }

    static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    static String whole(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** Formats a number of bytes in KiB. */
    static String kibibytes(OptionalDouble bytes) {
        return bytes.isPresent() ? String.format(Locale.ROOT, "%.1f", bytes.getAsDouble() / 1024) : NONE;
    }

    static String rate(double rate) {
        return rate == Math.rint(rate) ? whole(rate) : rounded(rate);
    }
}
