package dev.confab.core;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's lease, and the expiry of dead nodes of the same log. {@link #renew} and {@link #expireSome} run between
 * two batches of the {@link Sequencer}, so that the node id is the same for a whole batch.
 */
final class NodeLease {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLease.class);

    /**
     * The length of a lease. A node that does not renew its lease in this time counts as dead, and its participants
     * leave.
     */
    static final Duration LEASE = MessageStore.MAX_LEASE;

    /**
     * The interval between two renewals, which is so short that two renewals in a row may fail. The leases of other
     * nodes are checked at the same interval.
     */
    static final Duration RENEWAL = Duration.ofSeconds(5);

    /**
     * How long a node that closes waits for the store to shorten its lease. If the store does not respond in time, the
     * lease expires.
     */
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final MessageStore store;
    private final LogFollower follower;
    private volatile UUID node = UUID.randomUUID();
    private volatile long renewedAt = System.nanoTime();

    NodeLease(MessageStore store, LogFollower follower) {
        this.store = store;
        this.follower = follower;
    }

    /** Returns the current id of this node. The id changes when {@link #renew} returns false. */
    UUID node() {
        return node;
    }

    /** @throws StoreException when this node cannot be registered */
    void begin() {
        store.beginLease(node, LEASE);
        renewedAt = System.nanoTime();
    }

    /** Returns the time since the lease was begun or renewed. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - renewedAt);
    }

    /**
     * Renews the lease of this node. If another node has expired the lease, this node begins a new lease with a new id.
     *
     * @return false when the node began a new lease: none of its participants is present
     */
    boolean renew() {
        if (store.renewLease(node, LEASE)) {
            renewedAt = System.nanoTime();
            return true;
        }
        LOG.warn(
                "This node did not renew its lease for {} and its participants left: it starts again with a new lease",
                LEASE);
        // A new id, because the participants of the old id may still be leaving.
        UUID anew = UUID.randomUUID();
        store.beginLease(anew, LEASE);
        node = anew;
        renewedAt = System.nanoTime();
        return false;
    }

    /**
     * Makes some of the participants of dead nodes leave.
     *
     * @return whether more participants may have to leave
     */
    boolean expireSome() {
        MessageStore.Appended appended = store.expireNodes(node, !store.isShared());
        if (appended == null) {
            return false;
        }
        follower.accept(appended, e -> {
            throw e;
        });
        return true;
    }

    /** @throws StoreException when the store cannot find out */
    boolean hasOtherNodes() {
        return store.hasOtherNodes(node);
    }

    /**
     * Shortens the lease to {@code grace}, because this node closes. Its participants have this time to connect to
     * another node. Blocks for {@link #FAREWELL} at most.
     *
     * @param append the executor on which the store is called
     */
    void end(Duration grace, Executor append) {
        try {
            CompletableFuture.supplyAsync(() -> store.renewLease(node, grace), append)
                    .get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException | ExecutionException | TimeoutException e) {
            LOG.debug("The lease could not be shortened and will expire", e);
        }
    }
}
