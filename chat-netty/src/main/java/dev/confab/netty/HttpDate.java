package dev.confab.netty;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * The {@code Date} of responses (RFC 9110 section 6.6.1). Its text is made for the first response of a second and shared by the
 * others, so that an idle server makes none. Safe for any thread: where two make the same text, either is right.
 */
final class HttpDate {
    /** The IMF-fixdate of RFC 9110 section 5.6.7; the JDK's own form of RFC 1123 has days of one digit. */
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);

    private static final String NAME = "date: ";
    private static final String LINE_BREAK = "\r\n";

    /** By the system's clock. */
    static final HttpDate SYSTEM = new HttpDate(System::currentTimeMillis);

    /** The header of one second. */
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

    /** The value of the header. */
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
