package dev.confab.demo.faults;

import dev.confab.core.Draft;
import dev.confab.core.Room;
import dev.confab.demo.faults.History.Outcome;
import dev.confab.demo.faults.History.Transaction;
import dev.confab.jdbi.JdbiStoreConfig;
import dev.confab.jdbi.Outbox;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An application that uses the database of the log. It writes rows of its own and, in the same transaction, enqueues a
 * message for each row in the outbox. It rolls some transactions back.
 */
final class Application implements Callable<List<Transaction>> {
    private static final Outbox OUTBOX = Outbox.of(JdbiStoreConfig.defaults());

    private static final int MAX_ROWS = 4;

    /** One transaction in this number is rolled back, on average. */
    private static final int ROLLBACK = 4;

    /** The pause between two transactions, which leaves capacity for the other clients. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final List<Room> ROOMS = List.of(new Room("red"), new Room("blue"));

    private final String name;
    private final PostgresProcess database;
    private final BooleanSupplier done;
    private final Random random;
    private @Nullable Connection connection;

    /** @param done whether the application is to stop */
    Application(String name, PostgresProcess database, BooleanSupplier done, long seed) {
        this.name = name;
        this.database = database;
        this.done = done;
        this.random = new Random(seed);
    }

    /** Executes transactions one after the other. Returns them in their order. */
    @Override
    public List<Transaction> call() {
        List<Transaction> transactions = new ArrayList<>();
        for (int i = 0; !done.getAsBoolean(); i++) {
            transactions.add(transact(i));
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        disconnect();
        return transactions;
    }

    private Transaction transact(int number) {
        List<String> bodies = new ArrayList<>();
        for (int row = 1 + random.nextInt(MAX_ROWS); row > 0; row--) {
            bodies.add(name + "-" + number + "-" + bodies.size());
        }
        boolean mayBeCommitted = false;
        try {
            Connection used = connect();
            for (String body : bodies) {
                write(used, body);
            }
            if (random.nextInt(ROLLBACK) == 0) {
                used.rollback();
                return new Transaction(name, bodies, Outcome.REFUSED);
            }
            mayBeCommitted = true;
            used.commit();
            return new Transaction(name, bodies, Outcome.ACKNOWLEDGED);
        } catch (SQLException e) {
            disconnect();
            return new Transaction(name, bodies, mayBeCommitted ? Outcome.UNKNOWN : Outcome.REFUSED);
        }
    }

    private void write(Connection used, String body) throws SQLException {
        try (PreparedStatement insert = used.prepareStatement("insert into application_row (body) values (?)")) {
            insert.setString(1, body);
            insert.executeUpdate();
        }
        OUTBOX.enqueue(used, Draft.of(ROOMS.get(random.nextInt(ROOMS.size())), body));
    }

    private Connection connect() throws SQLException {
        Connection made = connection;
        if (made == null) {
            made = database.connect();
            made.setAutoCommit(false);
            connection = made;
        }
        return made;
    }

    private void disconnect() {
        Connection old = connection;
        connection = null;
        if (old != null) {
            try {
                old.close();
            } catch (SQLException e) {
                // The connection was already lost.
            }
        }
    }
}
