package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.ChatService;
import dev.confab.core.Entry;
import dev.confab.core.Feed;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.RoomSet;
import dev.confab.netty.Exchange;
import dev.confab.netty.Response;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The response with a page that is larger than one write. The page's entries, length and cursor are fixed at the start.
 * The entries are read again piece by piece as the client receives them, so that a slow client costs no memory.
 */
final class PagedAnswer {
    private final Exchange exchange;
    private final @Nullable Nick nick;
    private final MessageId to;
    private final Feed feed;
    private MessageId cursor;

    /** The number of bytes that are still to be sent, according to the {@code Content-Length} of the head. */
    private int bytesLeft;

    private boolean isFirst = true;
    private boolean isLoading;

    private PagedAnswer(Exchange exchange, @Nullable Nick nick, Batch page, Feed feed) {
        this.exchange = exchange;
        this.nick = nick;
        this.cursor = page.from();
        this.to = page.entries().get(page.entries().size() - 1).id();
        this.bytesLeft = PageEncoder.bodyLength(page.entries());
        this.feed = feed;
    }

    /** @param page the entries after its {@code from}, without the joins and leaves of {@code nick} */
    static void start(
            ChatService chat, Exchange exchange, Response head, RoomSet rooms, @Nullable Nick nick, Batch page) {
        Feed feed = chat.feed(rooms, exchange.channel().eventLoop());
        PagedAnswer answer = new PagedAnswer(exchange, nick, page, feed);
        exchange.begin(head, answer.bytesLeft, answer::writePart);
    }

    private void writePart() {
        if (isLoading) {
            return;
        }
        Batch batch = feed.read(cursor, Limit.WRITE);
        if (batch == null) {
            load();
        } else {
            write(batch);
        }
    }

    private void load() {
        isLoading = true;
        feed.load(cursor, Limit.WRITE).whenComplete((delivery, failure) -> {
            isLoading = false;
            if (failure == null && delivery instanceof Batch batch) {
                write(batch);
            } else {
                breakOff();
            }
        });
    }

    /**
     * Closes the connection, because entries were trimmed in the meantime or the store cannot be reached. The head has
     * been sent already, so closing is the only way to show the client that the body is incomplete.
     */
    private void breakOff() {
        exchange.channel().close();
    }

    private void write(Batch batch) {
        cursor = batch.to();
        Batch wanted = nick == null ? batch : batch.without(nick);
        List<Entry> entries = wanted.entries().stream()
                .filter(entry -> !entry.id().isAfter(to))
                .toList();
        ByteBuf part = exchange.channel().alloc().directBuffer(PageEncoder.bodyLength(entries) + 1);
        for (Entry entry : entries) {
            part.writeByte(isFirst ? '[' : ',').writeBytes(entry.json());
            isFirst = false;
        }
        boolean isLast = !to.isAfter(cursor);
        if (isLast) {
            part.writeByte(']');
        }
        bytesLeft -= part.readableBytes();
        exchange.part(part);
        if (isLast && bytesLeft == 0) {
            exchange.end();
        } else if (isLast) {
            breakOff();
        }
    }
}
