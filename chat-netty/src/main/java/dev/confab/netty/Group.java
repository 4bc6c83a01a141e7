package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.ChatException;
import dev.confab.core.Delivery;
import dev.confab.core.Feed;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.RoomSet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.SingleThreadEventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The readers of one set of rooms on one event loop over one transport: the rolling fan-out. The readers stand in a
 * ring. A turn visits one reader after the other, and each visited reader gets all entries after its cursor. After a
 * number of writes, the event loop can poll its sockets. The next readers then also get the entries published
 * meanwhile.
 *
 * <p>Some readers are not at the end of the log, because they have just joined, were slow, or got as much as one write
 * may bring. Such a reader is visited alternately with the ring until it reaches the end. Entries that only the store
 * has are loaded for it.
 */
final class Group {
    private static final Logger LOG = LoggerFactory.getLogger(Group.class);

    /** The number of writes, each a system call, after which the loop polls its sockets again. */
    private static final int WRITES_PER_TURN = 64;

    private final FanOutLoop loop;
    private final RoomSet rooms;
    private final Feed feed;
    private final Runnable roll = this::roll;
    private final Runnable rollLater = this::rollLater;

    private final SharedBatches ranges;
    private final Ring ring = new Ring();
    private final ArrayDeque<Reader> behind = new ArrayDeque<>();

    /**
     * The readers of the ring that were set aside for {@link #sending}. They get its bytes when there are enough of
     * these readers, or before other work.
     */
    private final List<Reader> ready = new ArrayList<>(0);

    private @Nullable SharedBatch sending;

    /** The bytes of {@link #sending}, retained because the range may be forgotten meanwhile. */
    private ByteBuf sendingBytes = Unpooled.EMPTY_BUFFER;

    private int readers;
    private boolean rolling;

    Group(FanOutLoop loop, RoomSet rooms) {
        this.loop = loop;
        this.rooms = rooms;
        this.feed = loop.fanOut().chat().feed(rooms, loop.executor(), this::wake);
        this.ranges = new SharedBatches(loop, feed);
    }

    RoomSet rooms() {
        return rooms;
    }

    boolean isEmpty() {
        return readers == 0;
    }

    /** Called when the group has no readers. The group itself is kept, but its encoded ranges are released. */
    void idle() {
        ranges.forget();
    }

    void close() {
        feed.close();
        ranges.forget();
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
        Batch rest = feed.read(cursor, ranges.limit());
        return rest != null && rest.isEmpty() ? rest.to() : cursor;
    }

    void unblock(Reader reader) {
        behind(reader);
        start();
    }

    private void wake() {
        if (ranges.follow()) {
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
        while (ring.hasUnvisited() || !behind.isEmpty() || !ready.isEmpty()) {
            if (writes >= WRITES_PER_TURN) {
                sendReady();
                if (loop.executor() instanceof SingleThreadEventLoop single) {
                    single.executeAfterEventLoopIteration(rollLater);
                } else {
                    rollLater();
                }
                return;
            }
            Reader late = behind.poll();
            if (late != null) {
                late.queued = false;
                // The reader may have left while it was queued.
                if (late.state == Reader.State.BEHIND && visit(late)) {
                    writes++;
                }
            }
            if (!ring.hasUnvisited()) {
                sendReady();
            } else if (visit(ring.visit())) {
                writes++;
            }
        }
        rolling = false;
        if (loop.isCacheFull()) {
            ranges.forget();
        }
    }

    /**
     * Sets aside a reader that needs exactly the bytes that others are getting; returns whether it did. The writes to
     * these readers happen together, for two reasons:
     *
     * <ul>
     *   <li>All lookups happen before the first system call. Each system call leaves little of the data that was looked
     *       up in the processor's cache.
     *   <li>A receiver that is faster than the server is woken less often.
     * </ul>
     */
    private boolean isReady(Reader reader) {
        SocketOutput output = reader.output;
        if (reader.state != Reader.State.RING || output == null || !output.isFree() || reader.limit() != null) {
            return false;
        }
        SharedBatch range = ranges.at(reader.cursor);
        if (range == null || range.batch.isEmpty() || (sending != null && sending != range)) {
            return false;
        }
        Nick nick = reader.nick();
        if (nick != null && range.batch.isAbout(nick)) {
            return false;
        }
        if (sending == null) {
            ByteBuf bytes = range.bytes();
            if (!bytes.hasMemoryAddress()) {
                return false;
            }
            sending = range;
            sendingBytes = bytes.retain();
        }
        ready.add(reader);
        return true;
    }

    /** Sends to the readers set aside. No other code runs until the last send, so their state has not changed. */
    private void sendReady() {
        SharedBatch range = sending;
        if (range == null) {
            return;
        }
        ByteBuf bytes = sendingBytes;
        List<Reader> unfinished = sendAll(range, bytes);
        sending = null;
        sendingBytes = Unpooled.EMPTY_BUFFER;
        ready.clear();
        for (Reader reader : unfinished) {
            finish(reader, range, bytes);
        }
        bytes.release();
    }

    /** @return the readers that need further work: unsent bytes, or further entries */
    private List<Reader> sendAll(SharedBatch range, ByteBuf bytes) {
        MessageId to = range.batch.to();
        long address = bytes.memoryAddress();
        int start = bytes.readerIndex();
        int end = bytes.writerIndex();
        List<Reader> unfinished = List.of();
        for (Reader reader : ready) {
            SocketOutput output = reader.output;
            int sent = output == null ? 0 : output.send(address, start, end);
            reader.cursor = to;
            if (range.more || sent < end - start) {
                reader.sent = sent;
                if (unfinished.isEmpty()) {
                    unfinished = new ArrayList<>();
                }
                unfinished.add(reader);
            }
        }
        return unfinished;
    }

    private void finish(Reader reader, SharedBatch range, ByteBuf bytes) {
        try {
            sendRest(reader, bytes, reader.sent, range.batch);
            if (range.more && reader.state == Reader.State.RING) {
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
            if (isReady(reader)) {
                return true;
            }
            sendReady();
            // Sending to the other readers may have made this reader leave.
            return reader.state != Reader.State.OUT && step(reader);
        } catch (RuntimeException e) {
            fail(reader, e);
            return false;
        }
    }

    /** Closes a reader that failed, because one reader's fault must not stop the ring for the others. */
    private static void fail(Reader reader, RuntimeException fault) {
        LOG.warn("A reader failed and is closed", fault);
        reader.leave();
        reader.channel().close();
    }

    private boolean step(Reader reader) {
        if (!reader.channel().isWritable()) {
            move(reader, Reader.State.BLOCKED);
            loop.blocked(reader);
            return false;
        }
        Limit own = reader.limit();
        SharedBatch range = own == null ? ranges.at(reader.cursor) : ranges.at(reader.cursor, own);
        if (range == null) {
            load(reader);
            return false;
        }
        if (range.batch.isEmpty()) {
            enterRing(reader);
            return false;
        }
        deliver(reader, range);
        if (own != null) {
            range.release();
        }
        if (reader.state != Reader.State.OUT) {
            if (range.more) {
                behind(reader);
            } else {
                enterRing(reader);
            }
        }
        return true;
    }

    private void deliver(Reader reader, SharedBatch range) {
        Nick nick = reader.nick();
        Batch batch = range.batch;
        reader.cursor = batch.to();
        if (nick == null || !range.batch.isAbout(nick)) {
            send(reader, range.bytes(), batch);
            return;
        }
        Batch others = batch.without(nick);
        if (!others.isEmpty()) {
            reader.write(loop.encode(others), others);
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

    private void load(Reader reader) {
        move(reader, Reader.State.LOADING);
        Limit own = reader.limit();
        feed.load(reader.cursor, own == null ? ranges.limit() : own).whenComplete((delivery, failure) -> {
            if (reader.state != Reader.State.LOADING) {
                return;
            }
            if (failure != null) {
                retry(reader, failure);
            } else {
                loaded(reader, delivery);
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
                deliver(reader, ranges.of(batch));
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
            behind.add(reader);
        }
    }

    private void move(Reader reader, Reader.State state) {
        detach(reader);
        reader.state = state;
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
        reader.state = Reader.State.OUT;
    }
}
