package dev.confab.longpoll;

import dev.confab.core.ChatException;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.netty.HttpException;
import dev.confab.netty.HttpReason;
import dev.confab.netty.Query;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.View;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a poll.
 *
 * @param view the rooms to read, and the form in which the client gets their entries
 * @param start the point where reading begins
 * @param nick the client's nick, whose joins and leaves are left out; null for a client without a nick
 * @param before the id before which a page of history is read, instead of the entries after {@code start}; or null
 * @param waitMillis how long to wait for an entry; 0 means no wait
 * @param signals whether a signal ends the wait
 * @param limit the limit of the page; null for {@link Limit#PAGE}
 */
record PollRequest(
        View view,
        Start start,
        @Nullable Nick nick,
        @Nullable MessageId before,
        long waitMillis,
        boolean signals,
        @Nullable Limit limit) {

    /** Reads the parameters of a query. */
    static PollRequest of(Query query, LongPollConfig config) {
        ReadRequest read = ReadRequest.withHistory(query, Start.EARLIEST);
        String before = query.first("before");
        if (before != null && (query.first("after") != null || query.first("last") != null)) {
            throw HttpException.invalid(
                    HttpReason.INVALID_PARAMETER, "before", "given with after or last", "one of the two");
        }
        Integer seconds = query.integer("wait", 0, (int) config.maxWait().toSeconds());
        Integer limit = query.integer("limit", 1, Limit.PAGE.entries());
        return new PollRequest(
                read.view(),
                read.start(),
                read.nick(),
                before == null ? null : before(before),
                seconds == null ? config.defaultWait().toMillis() : seconds * 1_000L,
                signals(query),
                limit == null || limit == Limit.PAGE.entries() ? null : new Limit(limit, Limit.PAGE.bytes()));
    }

    private static boolean signals(Query query) {
        String signals = query.first("signals");
        if (signals != null && !signals.equals("true") && !signals.equals("false")) {
            throw HttpException.invalid(HttpReason.INVALID_PARAMETER, "signals", signals, "true or false");
        }
        return "true".equals(signals);
    }

    RoomSet rooms() {
        return view.rooms();
    }

    private static MessageId before(String text) {
        try {
            return text.equals("latest") ? MessageId.MAX : MessageId.parse(text);
        } catch (ChatException e) { // its text names the parameter "after"
            throw HttpException.invalid(
                    HttpReason.INVALID_PARAMETER, "before", text, "latest, a ULID of 26 characters or a UUID of 36");
        }
    }
}
