package dev.confab.netty;

import dev.confab.core.ChatService;
import dev.confab.core.MessageId;
import dev.confab.core.RoomSet;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers the log to the readers of one transport. Entries for several readers with the same view on the same event
 * loop are encoded once, and written to each reader in one write and one flush. A reader that is late, resumes or is
 * slow catches up by pages from memory or the store, at its own pace. No entries are queued for such a reader.
 *
 * <p>Safe for any thread; readers are called on their own event loop.
 *
 * @param <R> the type of all readers
 */
public final class FanOut<R extends Reader> {
    private static final Logger LOG = LoggerFactory.getLogger(FanOut.class);

    /**
     * The number of readers that a node ends per second when it shuts down and another node can serve these readers.
     * The rate is limited because each returning reader costs the other node work.
     */
    private static final int ENDED_PER_SECOND = 1_000;

    private final ChatService chat;
    private final Encoder encoder;
    private final FanOutConfig config;
    private final Map<EventLoop, FanOutLoop> loops = new ConcurrentHashMap<>();
    private final LongAdder encodes = new LongAdder();
    private final LongAdder readers = new LongAdder();

    public FanOut(ChatService chat, Encoder encoder, FanOutConfig config) {
        this.chat = chat;
        this.encoder = encoder;
        this.config = config;
    }

    /**
     * Starts a reader. To be called on the event loop of the reader's channel. If entries are available for the reader,
     * the reader is called before this method returns.
     *
     * @param cursor a cursor from {@link ChatService#locate}; the reader gets the entries after this cursor
     */
    public void join(R reader, View view, MessageId cursor) {
        EventLoop executor = reader.channel().eventLoop();
        loops.computeIfAbsent(executor, e -> new FanOutLoop(this, e)).join(reader, view, cursor);
    }

    /** Starts a reader that gets all entries of these rooms in their usual form. */
    public void join(R reader, RoomSet rooms, MessageId cursor) {
        join(reader, View.of(rooms), cursor);
    }

    /**
     * Ends every reader, on its event loop, because this node shuts down. If other nodes serve the log, the readers are
     * ended at a rate of {@value #ENDED_PER_SECOND} a second, or faster when {@code time} is too short for this rate.
     * Otherwise all readers are ended at once, so that this node can be restarted soon.
     *
     * @param end ends one reader
     * @param time the time for the whole drain; the last reader is ended before half of this time is over
     */
    public void drain(Consumer<? super R> end, Duration time) {
        chat.presence().beginDrain();
        chat.hasOtherNodes().thenAccept(hasOthers -> forEach(end, hasOthers ? spread(time) : Duration.ZERO));
    }

    private Duration spread(Duration time) {
        Duration needed = Duration.ofMillis(1_000L * readers.sum() / ENDED_PER_SECOND);
        Duration most = time.dividedBy(2);
        return needed.compareTo(most) < 0 ? needed : most;
    }

    /**
     * Calls {@code action} on every reader, on its event loop, a few at a time.
     *
     * @param spread the time over which the calls are spread
     */
    public void forEach(Consumer<? super R> action, Duration spread) {
        @SuppressWarnings("unchecked") // every reader of this fan-out has joined as an R
        Consumer<Reader> each = reader -> action.accept((R) reader);
        for (FanOutLoop loop : loops.values()) {
            try {
                loop.executor().execute(() -> loop.forEach(each, spread.toNanos()));
            } catch (RejectedExecutionException e) {
                LOG.debug("The readers of an event loop that has ended are ignored", e);
            }
        }
    }

    /**
     * Returns the readers at this moment, and the deliveries since the start.
     *
     * @param transport the name of the transport in the result
     */
    public ReaderStats stats(String transport) {
        return loops.values().stream()
                .map(loop -> loop.stats().of(transport))
                .reduce(new ReaderStats(transport, 0, 0, 0, 0, 0, 0), ReaderStats::plus);
    }

    /** The number of times that a batch was encoded. For tests. */
    long encodes() {
        return encodes.sum();
    }

    /** The number of views that all loops hold together. For tests, on a quiet fan-out. */
    int groups() {
        return loops.values().stream().mapToInt(FanOutLoop::groupCount).sum();
    }

    ChatService chat() {
        return chat;
    }

    Encoder encoder() {
        return encoder;
    }

    FanOutConfig config() {
        return config;
    }

    void joined() {
        readers.increment();
    }

    void left() {
        readers.decrement();
    }

    void countEncode() {
        encodes.increment();
    }
}
