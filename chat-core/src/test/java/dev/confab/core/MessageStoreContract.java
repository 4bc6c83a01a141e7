package dev.confab.core;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link MessageStore} must do. To test one, extend this class and say how it is opened:
 *
 * <pre>{@code
 * class MyMessageStoreTest extends MessageStoreContract {
 *     @Override
 *     protected MessageStore open(InstantSource clock) {
 *         return new MyMessageStore(clock);
 *     }
 * }
 * }</pre>
 */
@Timeout(120)
public abstract class MessageStoreContract
        implements OrderContract,
                ReadContract,
                KeyContract,
                PresenceContract,
                RetentionContract,
                RaceContract,
                LifeContract {
    private final ManualClock clock = new ManualClock();
    private final List<MessageStore> opened = new ArrayList<>();

    /**
     * Opens this test's log. The first call of a test finds nothing; a later one finds, when the log is durable, what was
     * there before. Every store is closed before the next is opened, or after the test.
     */
    protected abstract MessageStore open(InstantSource clock);

    /** Whether a log outlives its store; true unless overridden. */
    @Override
    public boolean isDurable() {
        return true;
    }

    @Override
    public final MessageStore open() {
        MessageStore store = open(clock);
        opened.add(store);
        return store;
    }

    @Override
    public final ManualClock clock() {
        return clock;
    }

    @AfterEach
    void closeStores() {
        opened.forEach(MessageStore::close);
    }
}
