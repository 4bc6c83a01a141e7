package dev.confab.sse;

import dev.confab.core.ChatException;
import dev.confab.core.Start;
import dev.confab.netty.Query;
import dev.confab.netty.ReadRequest;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * The parameters of a request for a stream.
 *
 * @param read the rooms, start and nick
 * @param isLost whether the client sent a last event id that is not a valid cursor
 */
record StreamRequest(ReadRequest read, boolean isLost) {
    private static final String LAST_EVENT_ID = "last-event-id";

    /**
     * Reads the parameters. {@code Last-Event-ID} has precedence over {@code after} and {@code last}, because a browser
     * repeats the whole URL when it connects again. A client that cannot send the header, such as a polyfill on another
     * origin, sends the id in the query. The header has precedence over the query.
     *
     * <p>An invalid id is not an error. A browser sends the last id that it received, possibly from another program at
     * this address. After an error, a browser does not connect again, so the page would get no messages until the user
     * reloads it. Instead, the stream starts where the URL says, and begins with a gap.
     */
    static StreamRequest of(Query query, HttpHeaders headers) {
        ReadRequest read = ReadRequest.withLastEventId(query, Start.LATEST);
        String header = headers.get(LAST_EVENT_ID);
        String last = header == null || header.isEmpty() ? query.lastEventId() : header;
        if (last == null) {
            return new StreamRequest(read, false);
        }
        try {
            return new StreamRequest(read.withStart(Start.parse(last)), false);
        } catch (ChatException e) {
            return new StreamRequest(read, true);
        }
    }
}
