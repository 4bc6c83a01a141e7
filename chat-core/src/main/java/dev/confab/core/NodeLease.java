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
 * This node among those of the log: its lease, and the expiry of nodes that are gone. All but {@link #node} and {@link #end}
 * runs between two batches of the {@link Sequencer}, so that the node is the same for a whole batch.
 */
final class NodeLease {
    private static final Logger LOG = LoggerFactory.getLogger(NodeLease.class);

    /** A node that is not heard of for so long is taken for dead: its participants leave. */
    static final Duration LEASE = MessageStore.MAX_LEASE;

    /** Lets two renewals fail. As often, others' leases are looked at. */
    static final Duration RENEWAL = Duration.ofSeconds(5);

    /** How long a node that closes waits to say so; when it cannot, its lease ends by itself. */
    private static final Duration FAREWELL = Duration.ofSeconds(1);

    private final MessageStore store;
    private final LogFollower follower;
    private volatile UUID node = UUID.randomUUID();

    NodeLease(MessageStore store, LogFollower follower) {
        this.store = store;
        this.follower = follower;
    }

    /** What this node is called at the moment. */
    UUID node() {
        return node;
    }

    /** @throws StoreException when this node cannot be registered */
    void begin() {
        store.beginLease(node, LEASE);
    }

    /**
     * Says that this node lives. If others took it for dead, it begins anew, as another one.
     *
     * @return false when it began anew: none of its participants is there
     */
    boolean renew() {
        if (store.renewLease(node, LEASE)) {
            return true;
        }
        LOG.warn("This node was not heard of for {} and its participants left: it begins anew", LEASE);
        // Another name, as the participants of the old one may still be leaving.
        UUID anew = UUID.randomUUID();
        store.beginLease(anew, LEASE);
        node = anew;
        return false;
    }

    /**
     * Has some of the participants of nodes that are gone leave.
     *
     * @return whether there may be more
     */
    boolean expireSome() {
        MessageStore.Appended appended = store.expireNodes(node, !store.isShared());
        if (appended == null) {
            return false;
        }
        follower.accept(appended);
        return true;
    }

    /** @throws StoreException when the store cannot tell */
    boolean hasOtherNodes() {
        return store.hasOtherNodes(node);
    }

    /**
     * This node closes: its participants have {@code grace} to come back on another one. Blocks for {@link #FAREWELL} at most.
     *
     * @param append where the store is called
     */
    void end(Duration grace, Executor append) {
        try {
            CompletableFuture.supplyAsync(() -> store.renewLease(node, grace), append)
                    .get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException | ExecutionException | TimeoutException e) {
            LOG.debug("The lease was not shortened and ends by itself", e);
        }
    }
}
