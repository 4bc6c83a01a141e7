package dev.confab.demo.faults;

import dev.confab.demo.Readers;
import dev.confab.demo.Transport;
import dev.confab.demo.faults.History.Entry;
import dev.confab.netty.EntryReader;
import dev.confab.netty.RawHttp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The entries after a cursor, received over one connection of one transport. A connection that breaks or is silent, and
 * an unavailable log, cause an {@link UncheckedIOException}. Confined to one thread.
 */
final class EntryStream implements AutoCloseable {
    /** Long enough for an ordinary pause, and short enough to try another node when a node is frozen. */
    static final Duration PATIENCE = Duration.ofSeconds(4);

    private static final Pattern ENTRY =
            Pattern.compile("\"type\":\"(message|gap)\".*?\"id\":\"([0-9A-Z]{26})\"(?:.*?\"body\":\"([^\"]*)\")?");

    private static final Pattern OTHER = Pattern.compile("\\{\"type\":\"(join|leave)\"");

    private final EntryReader reader;

    private EntryStream(EntryReader reader) {
        this.reader = reader;
    }

    /**
     * Connects.
     *
     * @param rooms the rooms, as parameters of a query
     * @param after the cursor
     */
    static EntryStream open(Transport transport, int port, String rooms, String after) {
        return open(transport, port, PATIENCE, rooms, after);
    }

    /** @param patience the longest silence before reading fails */
    static EntryStream open(Transport transport, int port, Duration patience, String rooms, String after) {
        RawHttp http = new RawHttp(port, patience);
        return new EntryStream(available(() -> Readers.open(transport, http, rooms + "&after=" + after)));
    }

    /** Returns the next message or gap. */
    Entry next() {
        while (true) {
            String json = available(reader::read);
            Matcher entry = ENTRY.matcher(json);
            if (entry.find()) {
                return entry.group(1).equals("gap")
                        ? Entry.gap(entry.group(2))
                        : new Entry(entry.group(2), entry.group(3));
            }
            if (!OTHER.matcher(json).lookingAt()) {
                throw new AssertionError("not an entry: " + json);
            }
        }
    }

    private static <T> T available(Supplier<T> action) {
        try {
            return action.get();
        } catch (EntryReader.Refused e) {
            if (e.status() == 503) {
                throw new UncheckedIOException(new IOException("unavailable", e));
            }
            throw e;
        }
    }

    @Override
    public void close() {
        reader.close();
    }
}
