package dev.confab.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Publishes on schedule over a few persistent connections. Each message is sent over the connection with the fewest
 * outstanding responses, and does not wait for the responses to earlier messages.
 *
 * <p>{@link #run} has a separate thread. Unless its comment says otherwise, every other method is for the event loop of
 * the connections, and may be called from any thread after that loop has ended.
 */
final class Publisher {
    /**
     * The maximum number of outstanding responses. Further messages wait here, and their latency still counts from
     * their due time.
     */
    static final int MAX_IN_FLIGHT = 20_000;

    private final EventLoop loop;
    private final Schedule schedule;
    private final int payload;
    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final byte[][] heads;
    private final BitSet[] acknowledged;
    private final Histogram sendLag = new Histogram(Result.DIGITS);
    private final Histogram latency = new Histogram(Result.DIGITS);
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicLong expected = new AtomicLong();
    private final int[] readers;

    private volatile long start;
    private volatile int due;
    private int sent;
    private int inFlight;
    private long refused;
    private long heldBack;

    /** @param readers the number of readers of each room */
    Publisher(EventLoop loop, Schedule schedule, int payload, List<String> rooms, int[] readers, Address server) {
        this.loop = loop;
        this.schedule = schedule;
        this.payload = payload;
        this.readers = readers.clone();
        this.acknowledged = rooms.stream().map(room -> new BitSet()).toArray(BitSet[]::new);
        this.heads = rooms.stream()
                .map(room -> "POST " + server.prefix() + "/messages?room=" + room + " HTTP/1.1\r\nHost: "
                        + server.authority() + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + (payload + "{\"body\":\"\"}".length()) + "\r\n\r\n{\"body\":\"")
                .map(head -> head.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
    }

    /**
     * Returns the handler of another connection to publish over; the connection must belong to the event loop and open
     * before the start.
     */
    Line line() {
        return new Line();
    }

    /** Sets the due time of the first message, as a value of {@link System#nanoTime}. Called before {@link #run}. */
    void startAt(long nanoTime) {
        start = nanoTime;
    }

    /** Makes the event loop send each message when it is due; returns when the last message is due. */
    void run() {
        int total = schedule.total();
        while (due < total) {
            long wait = start + schedule.due(due) - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                continue;
            }
            due = Math.max(due + 1, schedule.dueAfter(System.nanoTime() - start));
            if (isWoken.compareAndSet(false, true)) {
                loop.execute(this::send);
            }
        }
    }

    private void send() {
        isWoken.set(false);
        int until = due;
        if (until - sent > MAX_IN_FLIGHT - inFlight) {
            until = sent + MAX_IN_FLIGHT - inFlight;
            heldBack++;
        }
        if (until == sent) {
            return;
        }
        while (sent < until) {
            Line line = shortest();
            if (line == null) {
                return;
            }
            line.send(sent++);
        }
        lines.forEach(Line::flush);
    }

    private @Nullable Line shortest() {
        Line shortest = null;
        for (Line line : lines) {
            if (shortest == null || line.open.size() < shortest.open.size()) {
                shortest = line;
            }
        }
        return shortest;
    }

    /** Whether every message was sent and got a response. For any thread. */
    boolean isDone() {
        return answered.get() >= schedule.total();
    }

    /** Returns the number of messages that got a response or lost their connection. For any thread. */
    int answered() {
        return answered.get();
    }

    /** Returns the number of acknowledged messages, including those of the warm-up. For any thread. */
    int accepted() {
        return accepted.get();
    }

    /**
     * Returns the number of deliveries that the acknowledged messages require, including those of the warm-up. For any
     * thread.
     */
    long expected() {
        return expected.get();
    }

    /** Returns the acknowledged messages of a room, numbered within the room, including those of the warm-up. */
    BitSet acknowledged(int room) {
        return acknowledged[room];
    }

    int sent() {
        return sent;
    }

    long refused() {
        return refused;
    }

    /** Returns how often messages had to wait because {@link #MAX_IN_FLIGHT} responses were outstanding. */
    long heldBack() {
        return heldBack;
    }

    /** Returns the times from when a measured message was due until it was written, in microseconds. */
    Histogram sendLag() {
        return sendLag;
    }

    /** Returns the times from when a measured message was due until it was acknowledged, in microseconds. */
    Histogram latency() {
        return latency;
    }

    /** One connection of the publisher. */
    final class Line extends ResponseReader {
        private final ArrayDeque<Integer> open = new ArrayDeque<>();
        private @Nullable Channel channel;
        private boolean hasWritten;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            channel = context.channel();
            lines.add(this);
        }

        private void send(int number) {
            long dueAt = start + schedule.due(number);
            byte[] head = heads[number % heads.length];
            if (channel == null) {
                return;
            }
            ByteBuf request = channel.alloc().buffer(head.length + payload + 2);
            request.writeBytes(head);
            Body.write(request, number, dueAt, payload);
            request.writeByte('"').writeByte('}');
            open.add(number);
            inFlight++;
            hasWritten = true;
            if (number >= schedule.first()) {
                sendLag.recordValue(Math.max(0, (System.nanoTime() - dueAt) / 1_000));
            }
            channel.write(request, channel.voidPromise());
        }

        private void flush() {
            if (hasWritten && channel != null) {
                hasWritten = false;
                channel.flush();
            }
        }

        @Override
        void body(ByteBuf in, int length) {
            in.skipBytes(length);
        }

        @Override
        void end(ChannelHandlerContext context) {
            Integer number = open.poll();
            if (number == null) {
                throw new BenchException("a response without a request");
            }
            inFlight--;
            if (status() / 100 == 2) {
                accept(number);
            } else {
                refused++;
            }
            answered.incrementAndGet();
            if (sent < due) {
                Publisher.this.send();
            }
        }

        private void accept(int number) {
            acknowledged[number % heads.length].set(number / heads.length);
            accepted.incrementAndGet();
            expected.addAndGet(readers[number % heads.length]);
            if (number >= schedule.first()) {
                latency.recordValue(Math.max(
                        0, (System.nanoTime() - start - schedule.due(number)) / TimeUnit.MICROSECONDS.toNanos(1)));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            lines.remove(this);
            refused += open.size();
            inFlight -= open.size();
            answered.addAndGet(open.size());
            open.clear();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
