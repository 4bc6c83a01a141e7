package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.Delivery;
import dev.confab.core.Feed;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.SingleThreadEventLoop;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The readers with one view on one event loop over one transport: the rolling fan-out. The readers stand in a
 * ring. A turn visits one reader after the other, and each visited reader gets all entries after its cursor. After a
 * number of writes, the event loop can poll its sockets. The next readers then also get the entries published
 * meanwhile.
 *
 * <p>Some readers are not at the end of the log, because they have just joined, were slow, or got as much as one write
 * may bring. Such a reader is visited alternately with the ring until it reaches the end. Readers that have not got any
 * entries yet take turns with the others. Entries that only the store has are loaded.
 */
final class Group {
    private static final Logger LOG = LoggerFactory.getLogger(Group.class);

    /** The number of writes, each a system call, after which the loop polls its sockets again. */
    private static final int WRITES_PER_TURN = 64;

    /** The number of bytes to readers that are behind, after which the loop polls its sockets again. */
    private static final int BYTES_PER_TURN = 4 * Limit.WRITE.bytes();

    /** The limit of a read that only shows whether there are entries. */
    private static final Limit ANY = new Limit(1, 1);

    private final FanOutLoop loop;
    private final View view;
    private final Feed feed;
    private final Runnable roll = this::roll;
    private final Runnable rollLater = this::rollLater;

    private final SharedBatches batches;
    private final Ring ring = new Ring();

    /** The readers that get their first entries, and so do not wait until all others have got their next ones. */
    private final ArrayDeque<Reader> fresh = new ArrayDeque<>();

    private final ArrayDeque<Reader> behind = new ArrayDeque<>();

    /** Readers of the ring that get the same bytes together, at the end of a turn or before other work. */
    private final SharedWrite shared;

    private int readers;
    private boolean rolling;

    /** The number of bytes that this turn has written to readers that are behind. */
    private int bytesBehind;

    Group(FanOutLoop loop, View view) {
        this.loop = loop;
        this.view = view;
        this.feed = loop.fanOut().chat().feed(view.rooms(), loop.executor(), this::wake);
        this.batches = new SharedBatches(loop, feed, view);
        this.shared = new SharedWrite(batches);
    }

    View view() {
        return view;
    }

    boolean isEmpty() {
        return readers == 0;
    }

    /** Called when the group has no readers. The group itself is kept, but its encoded batches are released. */
    void idle() {
        batches.forget();
    }

    void close() {
        feed.close();
        batches.forget();
    }

    void join(Reader reader, MessageId cursor) {
        reader.group = this;
        reader.cursor = cursor;
        ChannelHandler writer = reader.writer();
        reader.output = writer == null ? null : SocketOutput.of(reader.channel(), writer);
        readers++;
        behind(reader);
        start();
    }

    void leave(Reader reader) {
        detach(reader);
        reader.group = null;
        readers--;
        loop.left(this, reader);
    }

    /** The furthest cursor up to which no entries are left to read after {@code cursor}. */
    MessageId position(MessageId cursor) {
        Batch rest = feed.read(cursor, ANY);
        return rest != null && rest.isEmpty() ? rest.to() : cursor;
    }

    void unblock(Reader reader) {
        behind(reader);
        start();
    }

    private void wake() {
        if (batches.follow()) {
            ring.begin();
            start();
        }
    }

    private void start() {
        if (!rolling) {
            rolling = true;
            roll();
        }
    }

    /**
     * Schedules the next turn. Runs after an iteration of the loop, so that the loop polls its sockets before the next
     * turn. A task that a turn submits directly would not wait for the poll.
     */
    private void rollLater() {
        loop.executor().execute(roll);
    }

    private void roll() {
        int writes = 0;
        bytesBehind = 0;
        while (ring.hasUnvisited() || !fresh.isEmpty() || !behind.isEmpty() || !shared.isEmpty()) {
            if (writes >= WRITES_PER_TURN || bytesBehind >= BYTES_PER_TURN) {
                shared.send(this);
                if (loop.executor() instanceof SingleThreadEventLoop single) {
                    single.executeAfterEventLoopIteration(rollLater);
                } else {
                    rollLater();
                }
                return;
            }
            writes += visitFirst(fresh);
            writes += visitFirst(behind);
            if (!ring.hasUnvisited()) {
                shared.send(this);
            } else if (visit(ring.visit())) {
                writes++;
            }
        }
        rolling = false;
        if (loop.isCacheFull()) {
            batches.forget();
        }
    }

    /** @return the number of writes */
    private int visitFirst(ArrayDeque<Reader> queue) {
        Reader late = queue.poll();
        if (late == null) {
            return 0;
        }
        late.queued = false;
        // The reader may have left while it was queued.
        return late.state == Reader.State.BEHIND && visit(late) ? 1 : 0;
    }

    /** Completes a shared write to a reader: the rest of the bytes through the pipeline, then further entries. */
    void finish(Reader reader, SharedBatch next, ByteBuf bytes) {
        try {
            sendRest(reader, bytes, reader.sent, next.batch);
            if (next.more && reader.state == Reader.State.RING) {
                behind(reader);
            }
        } catch (RuntimeException e) {
            fail(reader, e);
        }
    }

    /**
     * Gives a reader the entries after its cursor, up to the limit of one write.
     *
     * @return whether entries were written or the reader was set aside for a write
     */
    private boolean visit(Reader reader) {
        try {
            if (shared.add(reader)) {
                return true;
            }
            shared.send(this);
            // Sending to the other readers may have made this reader leave.
            return reader.state != Reader.State.OUT && step(reader);
        } catch (RuntimeException e) {
            fail(reader, e);
            return false;
        }
    }

    /** Closes a reader that failed, because one reader's fault must not stop the ring for the others. */
    static void fail(Reader reader, RuntimeException fault) {
        LOG.warn("A reader failed and is closed", fault);
        CloseCause.FAULT.markOn(reader.channel());
        reader.leave();
        reader.channel().close();
    }

    private boolean step(Reader reader) {
        Batch loaded = reader.loaded;
        reader.loaded = null;
        if (!reader.isReady()) {
            move(reader, Reader.State.BLOCKED);
            loop.blocked(reader);
            return false;
        }
        Limit limit = limit(reader);
        SharedBatch next = loaded == null ? batches.at(reader.cursor, limit) : batches.of(loaded, limit);
        if (next == null) {
            load(reader, limit);
            return false;
        }
        if (next.source.isEmpty()) {
            enterRing(reader);
            return false;
        }
        boolean isBehind = reader.state == Reader.State.BEHIND;
        deliver(reader, next);
        bytesBehind += isBehind ? next.size() : 0;
        if (reader.state != Reader.State.OUT) {
            if (next.more) {
                behind(reader);
            } else {
                enterRing(reader);
            }
        }
        return true;
    }

    private Limit limit(Reader reader) {
        Limit own = reader.limit();
        return own == null ? batches.limit() : own;
    }

    private void deliver(Reader reader, SharedBatch next) {
        Batch batch = next.batch;
        reader.cursor = batch.to();
        if (batch.isEmpty()) {
            return;
        }
        reader.served = true;
        if (reader.getsAll(next)) {
            ByteBuf bytes = next.bytes();
            count(1, batch, bytes);
            send(reader, bytes, batch);
            return;
        }
        Batch own = reader.own(batch);
        if (!own.isEmpty()) {
            ByteBuf bytes = loop.encode(own);
            count(1, own, bytes);
            reader.write(bytes, own);
        }
    }

    /**
     * Counts a write of the same bytes to some readers. A page without bytes is sent in parts by another fan-out, which
     * counts the page.
     */
    void count(int writtenTo, Batch batch, ByteBuf bytes) {
        if (bytes.isReadable()) {
            loop.stats().delivered(writtenTo, batch.entries().size(), bytes.readableBytes());
        }
    }

    private static void send(Reader reader, ByteBuf bytes, Batch batch) {
        SocketOutput output = reader.output;
        if (output == null) {
            reader.write(bytes.retainedDuplicate(), batch);
            return;
        }
        sendRest(reader, bytes, output.write(bytes), batch);
    }

    private static void sendRest(Reader reader, ByteBuf bytes, int sent, Batch batch) {
        int rest = bytes.readableBytes() - sent;
        if (rest > 0) {
            reader.write(bytes.retainedSlice(bytes.readerIndex() + sent, rest), batch);
        }
    }

    private void load(Reader reader, Limit limit) {
        move(reader, Reader.State.LOADING);
        feed.load(reader.cursor, limit).whenComplete((delivery, failure) -> {
            if (reader.state != Reader.State.LOADING) {
                return;
            }
            try {
                if (failure != null) {
                    retry(reader, failure);
                } else {
                    loaded(reader, delivery);
                }
            } catch (RuntimeException e) { // the future would swallow the exception, and the reader would wait
                fail(reader, e);
            }
        });
    }

    private void loaded(Reader reader, Delivery delivery) {
        if (delivery instanceof Gap gap) {
            reader.cursor = gap.to();
            reader.gap(gap);
        } else if (delivery instanceof Batch batch) {
            if (batch.isEmpty()) {
                reader.cursor = batch.to();
            } else {
                reader.loaded = batch;
            }
        }
        if (reader.state != Reader.State.OUT) {
            behind(reader);
            start();
        }
    }

    private void retry(Reader reader, Throwable failure) {
        reader.failed(ChatException.of(failure));
        if (reader.state == Reader.State.LOADING) {
            loop.executor()
                    .schedule(
                            () -> {
                                if (reader.state == Reader.State.LOADING) {
                                    behind(reader);
                                    start();
                                }
                            },
                            1,
                            TimeUnit.SECONDS);
        }
    }

    private void behind(Reader reader) {
        move(reader, Reader.State.BEHIND);
        if (!reader.queued) {
            reader.queued = true;
            (reader.served ? behind : fresh).add(reader);
        }
    }

    private void move(Reader reader, Reader.State state) {
        detach(reader);
        enter(reader, state);
    }

    private void enterRing(Reader reader) {
        if (reader.state == Reader.State.RING) {
            return;
        }
        move(reader, Reader.State.RING);
        ring.add(reader);
        reader.atEnd();
    }

    private void detach(Reader reader) {
        switch (reader.state) {
            case RING -> ring.remove(reader);
            case BLOCKED -> loop.unblocked(reader);
            case BEHIND, LOADING, OUT -> {}
        }
        enter(reader, Reader.State.OUT);
    }

    private void enter(Reader reader, Reader.State state) {
        loop.stats().moved(reader.state, state);
        reader.state = state;
    }
}
