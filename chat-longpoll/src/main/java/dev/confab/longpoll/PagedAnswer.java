package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.Entry;
import dev.confab.core.Gap;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.netty.Exchange;
import dev.confab.netty.FanOut;
import dev.confab.netty.Reader;
import dev.confab.netty.Response;
import dev.confab.netty.View;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The response with a page that is larger than one write. The page's entries, length and cursor are fixed at the start.
 * The entries are read again part by part as the client receives them, so that a slow client costs no memory. Responses
 * with the same page share the parts.
 */
final class PagedAnswer extends Reader {
    private final Exchange exchange;
    private final MessageId to;

    /** The number of bytes that are still to be sent, according to the {@code Content-Length} of the head. */
    private int bytesLeft;

    private boolean isFirst = true;
    private boolean hasTurn;

    private PagedAnswer(Exchange exchange, @Nullable Nick nick, List<Entry> page) {
        super(exchange.channel(), nick);
        this.exchange = exchange;
        this.to = page.get(page.size() - 1).id();
        this.bytesLeft = PageEncoder.bodyLength(page);
    }

    /**
     * @param parts reads and encodes the parts of all pages
     * @param page the entries after its {@code from} in this view, without the joins and leaves of {@code nick}
     */
    static void start(
            FanOut<PagedAnswer> parts, Exchange exchange, Response head, View view, @Nullable Nick nick, Batch page) {
        PagedAnswer answer = new PagedAnswer(exchange, nick, page.entries());
        exchange.begin(head, answer.bytesLeft, answer::takeTurn);
        parts.join(answer, view, page.from());
        exchange.onGone(answer::leave);
    }

    private void takeTurn() {
        hasTurn = true;
        writabilityChanged();
    }

    /** One part for each turn, so that the responses of an event loop take turns. */
    @Override
    protected boolean isReady() {
        return hasTurn && super.isReady();
    }

    @Override
    protected void write(ByteBuf encoded, Batch batch) {
        hasTurn = false;
        boolean isLast = !to.isAfter(batch.to());
        int length = isLast ? PartEncoder.length(upToEnd(batch.entries())) : encoded.readableBytes();
        ByteBuf part = exchange.channel().alloc().directBuffer(length + 1);
        if (isFirst) {
            isFirst = false;
            part.writeByte('[').writeBytes(encoded, encoded.readerIndex() + 1, length - 1);
        } else {
            part.writeBytes(encoded, encoded.readerIndex(), length);
        }
        encoded.release();
        if (isLast) {
            part.writeByte(']');
            leave();
        }
        bytesLeft -= part.readableBytes();
        exchange.part(part);
        if (isLast && bytesLeft == 0) {
            exchange.end();
        } else if (isLast) {
            breakOff();
        }
    }

    private List<Entry> upToEnd(List<Entry> entries) {
        return entries.stream().filter(entry -> !entry.id().isAfter(to)).toList();
    }

    @Override
    protected void gap(Gap gap) {
        breakOff();
    }

    @Override
    protected void failed(ChatException failure) {
        breakOff();
    }

    /** The connection has its own time limit for a client that takes no data. */
    @Override
    protected void stuck() {}

    /**
     * Closes the connection, because entries were trimmed in the meantime or the store cannot be reached. The head has
     * been sent already, so closing is the only way to show the client that the body is incomplete.
     */
    private void breakOff() {
        leave();
        exchange.channel().close();
    }
}
