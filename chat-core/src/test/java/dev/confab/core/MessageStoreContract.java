package dev.confab.core;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/**
 * The tests that every {@link MessageStore} must pass. To test a store, extend this class and implement the method that
 * opens the store:
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
     * Opens a store on the log of this test. The first call in a test finds an empty log. If the log is durable, later
     * calls find the contents that earlier stores left. Every store is closed before the next store is opened, or after
     * the test.
     */
    protected abstract MessageStore open(InstantSource clock);

    /** Whether a log outlives its store. True unless overridden. */
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
