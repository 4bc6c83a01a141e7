package dev.confab.longpoll;

import dev.confab.core.ChatException;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.netty.Exchange;
import dev.confab.netty.HttpException;
import dev.confab.netty.HttpReason;
import dev.confab.netty.Query;
import dev.confab.netty.ReadRequest;
import org.jspecify.annotations.Nullable;

/**
 * What a poll asks for.
 *
 * @param rooms which
 * @param start from where
 * @param nick whose joins and leaves are left out
 * @param before the page of history before this id, instead of what is after {@code start}
 * @param waitMillis for how long; 0 does not wait
 * @param limit null for the whole page
 */
record PollRequest(
        RoomSet rooms,
        Start start,
        @Nullable Nick nick,
        @Nullable MessageId before,
        long waitMillis,
        @Nullable Limit limit) {

    /** A HEAD does not wait: its response is the head of what is there. */
    static PollRequest of(Exchange exchange, LongPollConfig config) {
        Query query = exchange.query();
        ReadRequest read = ReadRequest.withHistory(query, Start.EARLIEST);
        String before = query.first("before");
        if (before != null && (query.first("after") != null || query.first("last") != null)) {
            throw HttpException.invalid(
                    HttpReason.INVALID_PARAMETER, "before", "given with after or last", "one of the two");
        }
        Integer seconds = query.integer("wait", 0, (int) config.maxWait().toSeconds());
        Integer limit = query.integer("limit", 1, Limit.PAGE.entries());
        return new PollRequest(
                read.rooms(),
                read.start(),
                read.nick(),
                before == null ? null : before(before),
                exchange.isHeadRequest()
                        ? 0
                        : seconds == null ? config.defaultWait().toMillis() : seconds * 1_000L,
                limit == null || limit == Limit.PAGE.entries() ? null : new Limit(limit, Limit.PAGE.bytes()));
    }

    private static MessageId before(String text) {
        try {
            return text.equals("latest") ? MessageId.MAX : MessageId.parse(text);
        } catch (ChatException e) { // it speaks of 'after'
            throw HttpException.invalid(
                    HttpReason.INVALID_PARAMETER, "before", text, "latest, a ULID of 26 characters or a UUID of 36");
        }
    }
}
