package dev.confab.jdbi;

import dev.confab.core.AppendPlan;
import dev.confab.core.Draft;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.StoreException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Appends batches, and finds out whether a commit without a response took place. */
final class Appender {
    private static final Logger LOG = LoggerFactory.getLogger(Appender.class);

    /** The statement that takes the append lock: the lock of this row. */
    static final String LOCK = "select origin from <log_head> where id = 1 for update";

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * The work of one transaction.
     *
     * @param node the node of the joins and leaves
     * @param drafts may be empty
     * @param rest the other writes of the transaction; null for none
     */
    record Work(UUID node, List<Draft> drafts, @Nullable Rest rest) {}

    /** Writes in the append's transaction, after the messages. */
    interface Rest {
        /** @param outcomes the outcomes of the drafts */
        void write(Handle handle, List<MessageStore.Outcome> outcomes);
    }

    /** The source of a transaction's work. */
    interface Source {
        /** Called with the append lock held, and again if an unanswered commit turns out not to have happened. */
        Work work(Handle handle);
    }

    /**
     * Work that is done once. While the outcome of the commit is unknown, the owners of some drafts may have got {@code
     * OUTCOME_UNKNOWN}. Such a draft must not appear later, and only the caller knows which drafts are still to be
     * appended.
     */
    private static final class Drafts implements Source {
        private final Work work;
        private boolean isDone;

        Drafts(Work work) {
            this.work = work;
        }

        @Override
        public Work work(Handle handle) {
            if (isDone) {
                throw new StoreException(
                        StoreException.Kind.UNAVAILABLE, "store: a commit was lost and did not happen", null);
            }
            isDone = true;
            return work;
        }
    }

    /** The state of a batch in the log after a commit without a response. */
    private enum CommitFate {
        THERE,
        NOT_THERE,
        /** The batch is missing, but retention has removed so much that the batch may have been stored. */
        LOST
    }

    private final Jdbi jdbi;
    private final Dialect dialect;
    private final JdbiStoreConfig config;

    Appender(Jdbi jdbi, Dialect dialect, JdbiStoreConfig config) {
        this.jdbi = jdbi;
        this.dialect = dialect;
        this.config = config;
    }

    /** @throws StoreException {@code UNAVAILABLE} also when the commit was lost and turned out not to have happened */
    MessageStore.Appended append(UUID node, List<Draft> drafts) {
        return append(new Drafts(new Work(node, drafts, null)));
    }

    MessageStore.Appended append(Source source) {
        Attempt attempt = new Attempt(source);
        while (true) {
            try {
                return attempt.run();
            } catch (RuntimeException e) {
                attempt.waitAfter(e);
            }
        }
    }

    /** One batch, which is tried until its outcome is known. */
    private final class Attempt {
        private final Source source;
        /**
         * The plan that may be committed: set right before the commit, until the commit is known not to have happened.
         */
        private @Nullable AppendPlan committing;

        private @Nullable Long deadline;

        Attempt(Source source) {
            this.source = source;
        }

        MessageStore.Appended run() {
            try (Handle handle = jdbi.open()) {
                handle.begin();
                dialect.lockAppends(handle);
                MessageStore.Appended earlier = committing == null ? null : find(handle, committing);
                if (earlier != null) {
                    handle.rollback();
                    dialect.sync(handle, config.durability());
                    return earlier;
                }
                Work work = source.work(handle);
                AppendPlan plan = plan(handle, work);
                if (plan.isEmpty() && work.rest() == null) {
                    handle.rollback();
                } else {
                    write(handle, work, plan);
                    commit(handle, plan);
                }
                dialect.sync(handle, config.durability());
                return plan.appended();
            }
        }

        /**
         * Returns when the outcome of the commit should be looked up again, and throws when there is nothing to find
         * out.
         */
        void waitAfter(RuntimeException failure) {
            if (committing == null) {
                throw SqlErrors.storeException(failure);
            }
            if (deadline == null) {
                LOG.warn("The outcome of a commit is not known yet: {}", SqlErrors.describe(failure));
                deadline = System.nanoTime() + config.outcomeDeadline().toNanos();
            }
            boolean stop = Thread.currentThread().isInterrupted() || System.nanoTime() - deadline > 0;
            if (stop || failure instanceof StoreException) {
                throw SqlErrors.storeException(
                        StoreException.Kind.OUTCOME_UNKNOWN, "store: a commit has an unknown outcome", failure);
            }
            LockSupport.parkNanos(RETRY_NANOS);
        }

        private MessageStore.@Nullable Appended find(Handle handle, AppendPlan plan) {
            switch (trace(handle, plan)) {
                case THERE -> {
                    return plan.appended();
                }
                case NOT_THERE -> {
                    committing = null;
                    return null;
                }
                case LOST ->
                    throw new StoreException(
                            StoreException.Kind.OUTCOME_UNKNOWN, "store: a batch is missing, or already trimmed", null);
            }
            throw new AssertionError("all cases are above");
        }

        private AppendPlan plan(Handle handle, Work work) {
            // Each lookup is a statement of its own after the lock is held, because a statement sees the commits before
            // its start.
            MessageId last = MessageReader.lastId(handle);
            return AppendPlan.of(
                    last,
                    dialect.now(handle, config),
                    work.drafts(),
                    AppendLookups.keys(handle, work.drafts()),
                    AppendLookups.present(handle, work.node(), work.drafts()));
        }

        private static void write(Handle handle, Work work, AppendPlan plan) {
            BatchWriter.write(handle, work.node(), plan);
            Rest rest = work.rest();
            if (rest != null) {
                rest.write(handle, plan.appended().outcomes());
            }
        }

        private void commit(Handle handle, AppendPlan plan) {
            // Without messages, nothing in the log shows whether the commit happened; but then the work may be done
            // twice.
            committing = plan.messages().isEmpty() ? null : plan;
            try {
                handle.commit();
            } catch (RuntimeException e) {
                if (SqlErrors.isRolledBack(e)) {
                    committing = null;
                }
                throw e;
            }
        }
    }

    private static CommitFate trace(Handle handle, AppendPlan plan) {
        // A batch is stored as a whole or not at all, and retention removes its newest message last.
        Message newest = plan.messages().get(plan.messages().size() - 1);
        String sql = """
                select (select count(*) from <message> where id = :id) as entries,
                (select count(*) from <room_trim> where room = :room and trimmed_through >= :id) as trims
                """;
        return handle.createQuery(sql)
                .bind("id", newest.id().toUuid())
                .bind("room", newest.room().name())
                .map((row, context) -> row.getInt("entries") > 0
                        ? CommitFate.THERE
                        : row.getInt("trims") > 0 ? CommitFate.LOST : CommitFate.NOT_THERE)
                .one();
    }
}
