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
 * Brings the log to the readers of one transport. What several readers of the same rooms on the same event loop are to get is
 * encoded once and written to each in one write and one flush. A reader that is late, resumes or is slow gets there by pages
 * from memory or the store, at its own pace; nothing is queued for it.
 *
 * <p>Safe for any thread; readers are called on their own event loop.
 */
public final class FanOut {
    private static final Logger LOG = LoggerFactory.getLogger(FanOut.class);

    /** Readers of a node that shuts down, when they can go to another one: their return costs that node work. */
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
     * Starts a reader, on its channel's event loop. It is called before this returns when something is there for it.
     *
     * @param cursor from {@link ChatService#locate}; what comes is after it
     */
    public void join(Reader reader, RoomSet rooms, MessageId cursor) {
        EventLoop executor = reader.channel().eventLoop();
        loops.computeIfAbsent(executor, e -> new FanOutLoop(this, e)).join(reader, rooms, cursor);
    }

    /**
     * Ends every reader, on its event loop, because this node shuts down. Where other nodes serve the log, readers are sent to
     * them at a rate of {@value #ENDED_PER_SECOND} a second, or faster when {@code time} is too short for that. Otherwise all
     * readers are ended at once, so that this node is back soon.
     *
     * @param end ends one reader
     * @param time the time for the whole drain; the last reader is ended before half of it is over
     */
    public void drain(Consumer<Reader> end, Duration time) {
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
     * @param spread over how much time
     */
    public void forEach(Consumer<Reader> action, Duration spread) {
        for (FanOutLoop loop : loops.values()) {
            try {
                loop.executor().execute(() -> loop.forEach(action, spread.toNanos()));
            } catch (RejectedExecutionException e) {
                LOG.debug("The readers of an event loop that has ended are left out", e);
            }
        }
    }

    /** How often something was encoded to be shared. */
    public long encodes() {
        return encodes.sum();
    }

    /** How many sets of rooms are held, over all loops. For tests, on a quiet fan-out. */
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
