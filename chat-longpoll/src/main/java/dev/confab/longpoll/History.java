package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.ChatService;
import dev.confab.core.Entry;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.netty.Exchange;
import dev.confab.netty.View;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a page of history for one request. Continues with older entries while the view leaves out all entries that were
 * read, so that an empty page means that nothing older exists. Confined to the event loop.
 */
final class History {
    private final ChatService chat;
    private final Exchange exchange;
    private final View view;
    private final Limit limit;
    private final Consumer<Batch> next;

    /** The cursor with which to continue reading live, known after the first read. */
    private @Nullable MessageId cursor;

    private History(ChatService chat, Exchange exchange, PollRequest request, Consumer<Batch> next) {
        this.chat = chat;
        this.exchange = exchange;
        this.view = request.view();
        this.limit = request.limit() == null ? Limit.PAGE : request.limit();
        this.next = next;
    }

    /**
     * Reads the newest entries before an id. If they cannot be read, responds with the failure.
     *
     * @param next receives the page on the event loop
     */
    static void read(ChatService chat, Exchange exchange, PollRequest request, MessageId before, Consumer<Batch> next) {
        new History(chat, exchange, request, next).read(before);
    }

    private void read(MessageId before) {
        // A part of the entries may be left out, so more are read than are wanted.
        Limit read = view.messagesOnly() ? Limit.PAGE : limit;
        exchange.then(chat.before(view.rooms(), before, read), this::take);
    }

    private void take(Batch page) {
        MessageId to = cursor == null ? page.to() : cursor;
        cursor = to;
        List<Entry> wanted = view.of(page).entries();
        if (wanted.isEmpty() && !page.isEmpty() && exchange.channel().isActive()) {
            // Not called directly, because a store in memory may respond at once, and the stack would grow.
            exchange.channel()
                    .eventLoop()
                    .execute(() -> read(page.entries().get(0).id()));
        } else if (wanted.size() > limit.entries()) {
            List<Entry> newest = wanted.subList(wanted.size() - limit.entries(), wanted.size());
            next.accept(new Batch(newest.get(0).id().previous(), to, newest));
        } else {
            next.accept(new Batch(page.from(), to, wanted));
        }
    }
}
