package dev.confab.netty;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * The {@code Date} of responses (RFC 9110 section 6.6.1). The text is made for the first response of a second and
 * shared by the other responses of that second, so an idle server does no work for it. Safe for any thread: if two
 * threads make the same text, either text is correct.
 */
final class HttpDate {
    /**
     * The IMF-fixdate of RFC 9110 section 5.6.7. The JDK's own format for RFC 1123 writes the days 1 to 9 with one
     * digit.
     */
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private static final String NAME = "date: ";
    private static final String LINE_BREAK = "\r\n";

    /** The date of the system's clock. */
    static final HttpDate SYSTEM = new HttpDate(System::currentTimeMillis);

    /** The header for one second. */
    private static final class Header {
        final long second;
        final AsciiString line;
        final AsciiString value;

        Header(long second) {
            this.second = second;
            this.line = new AsciiString(NAME + FORM.format(Instant.ofEpochSecond(second)) + LINE_BREAK);
            this.value = line.subSequence(NAME.length(), line.length() - LINE_BREAK.length());
        }
    }

    private final LongSupplier clock;
    private volatile Header header;

    /** @param clock the Unix time in milliseconds; it may step back */
    HttpDate(LongSupplier clock) {
        this.clock = clock;
        this.header = new Header(second());
    }

    /** The header with its line break. */
    AsciiString line() {
        return header().line;
    }

    AsciiString value() {
        return header().value;
    }

    private Header header() {
        long second = second();
        Header known = header;
        if (known.second != second) {
            known = new Header(second);
            header = known;
        }
        return known;
    }

    private long second() {
        return Math.floorDiv(clock.getAsLong(), 1_000);
    }
}
