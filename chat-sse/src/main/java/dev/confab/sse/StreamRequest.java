package dev.confab.sse;

import dev.confab.core.ChatException;
import dev.confab.core.Start;
import dev.confab.netty.Query;
import dev.confab.netty.ReadRequest;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * What a stream's request asks for.
 *
 * @param read rooms, start and nick
 * @param isLost the client knows where it was, but in words that this log does not
 */
record StreamRequest(ReadRequest read, boolean isLost) {
    private static final String LAST_EVENT_ID = "last-event-id";

    /**
     * {@code Last-Event-ID} beats {@code after} and {@code last}: a browser repeats the whole URL when it comes back. A client
     * that cannot send the header, as the polyfills of other origins, names it in the query; the header beats the query.
     *
     * <p>A browser sends what it was given, by another program at this address perhaps, and takes an error for the last word: the
     * page would be silent until somebody reloads it. So an id that is none is no error. The stream starts as the URL
     * says, and with a gap.
     */
    static StreamRequest of(Query query, HttpHeaders headers) {
        ReadRequest read = ReadRequest.withLastEventId(query, Start.LATEST);
        String header = headers.get(LAST_EVENT_ID);
        String last = header == null || header.isEmpty() ? query.lastEventId() : header;
        if (last == null) {
            return new StreamRequest(read, false);
        }
        try {
            return new StreamRequest(new ReadRequest(read.rooms(), Start.parse(last), read.nick()), false);
        } catch (ChatException e) {
            return new StreamRequest(read, true);
        }
    }
}
