package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client that reads entries and gaps over one connection of one transport. To read from a transport of your own,
 * extend this class. For use by one thread.
 */
public abstract class EntryReader implements TransportReader {
    /** The beginning of the JSON object of a {@link Hello}, which is neither an entry nor a gap. */
    protected static final String HELLO = "{\"type\":\"hello\"";

    private final RawHttp http;
    private boolean isEnded;

    protected EntryReader(RawHttp http) {
        this.http = http;
    }

    /** A response with another status than the status with which reading begins. */
    public static final class Refused extends AssertionError {
        private static final long serialVersionUID = 1;

        private final int status;

        private Refused(RawHttp.Response response) {
            super(response);
            status = response.status();
        }

        public int status() {
            return status;
        }
    }

    /**
     * Receives the next part of the protocol.
     *
     * @return the JSON object of the part; null if the part has none or only greets the client
     * @throws UncheckedIOException when the connection ends
     */
    protected abstract String receive();

    /**
     * Waits for the next JSON object.
     *
     * @throws UncheckedIOException when the connection ends, or is silent for longer than its time limit
     */
    public final String read() {
        String json = receive();
        while (json == null) {
            json = receive();
        }
        return json;
    }

    @Override
    public final String next() {
        long patience = http.patience().toNanos();
        long end = System.nanoTime() + patience;
        String json = null;
        try {
            while (json == null && !isEnded) {
                // A signal without an entry, such as a heartbeat, does not extend the time for the entry.
                http.limitSilence(end - System.nanoTime());
                json = receive();
            }
            http.limitSilence(patience);
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof SocketTimeoutException) {
                throw new AssertionError("Nothing came", e);
            }
            isEnded = true;
        }
        return json;
    }

    /** The connection, on which a test can send and read any bytes. */
    public final RawHttp http() {
        return http;
    }

    @Override
    public final void close() {
        http.close();
    }

    /** Returns the value of a member of a JSON object: the text of a string, or another value as it is written. */
    public static String field(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        assertThat(found.find()).as("%s in %s", name, json).isTrue();
        return found.group(1);
    }

    /** @throws Refused when the status is not the expected one */
    protected static RawHttp.Response check(RawHttp.Response response, int expected) {
        if (response.status() != expected) {
            throw new Refused(response);
        }
        return response;
    }
}
