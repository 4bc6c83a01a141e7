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
 *
 * <p>Needs JUnit (junit-jupiter) and AssertJ. The tests check that:
 *
 * <ul>
 *   <li>Order: ids increase in the order of the commits, over all rooms, over the clock's steps in both directions, and
 *       compared as unsigned numbers; the drafts of a batch get ids in their order; an id has the time of its append.
 *   <li>Reading: {@code readAfter} returns the messages between two ids, of one or many rooms, in the order of the log;
 *       it stops at the limits of entries and bytes, returns at least one message, and tells whether the page is
 *       complete. {@code readBefore} returns the nearest messages in the order of ids, and {@code readLog} those of all
 *       rooms. {@code startOfLast} returns the cursor before the newest messages of all given rooms together; with a
 *       count of 0, the id of the newest message of these rooms, and for empty rooms the id with which the log starts;
 *       never a cursor after which a gap would follow. All Unicode text is read back unchanged. In a new log,
 *       {@code trimmedThrough} is {@code lastId}.
 *   <li>Keys: a repeated key with the same nick and body is known, also within a batch and after its message was
 *       trimmed; with other content it is a conflict; in another room it is another key; after 24 hours it is new. A
 *       batch of known keys only adds nothing.
 *   <li>Presence: a join or leave is stored only if it changes something, also within a batch and for a participant of
 *       two nodes; the participants of all nodes are listed; the participants of a node whose lease ended leave, once,
 *       even if several nodes expire it at the same time or the clock steps back; a renewed lease does not end, and a
 *       lease can be shortened; a lease is either renewed or expired; a node does not expire itself, but a node that is
 *       alone expires all others; a node that continues after its lease was expired changes nothing; a node without a
 *       lease stores no participants; {@code hasOtherNodes} reports other nodes until their leases end.
 *   <li>Retention: a trim by age or by count removes what {@link Retention} says, completely for thousands of messages;
 *       {@code trimmedAfter} returns the marks of the rooms; an emptied room continues above its mark; {@code floor}
 *       recognizes the cursors of this log, of another log, and of the time before the log.
 *   <li>Races: readers get each message once while threads write and trim; the messages of a batch are next to each
 *       other; a key that is used by many threads is stored once; a trimmed message is always below the mark; trims
 *       that run at the same time agree.
 *   <li>Life: a durable log that is opened again has all its contents; a closed store fails with {@code UNAVAILABLE}.
 * </ul>
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
