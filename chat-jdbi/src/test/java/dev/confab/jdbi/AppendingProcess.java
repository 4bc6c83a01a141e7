package dev.confab.jdbi;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.Draft;
import dev.confab.core.MessageStore;
import dev.confab.core.StoreCalls;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An application that embeds the log. Prints the ids of all messages that it finds, then {@link #READY}; then appends
 * forever, and prints the id of every acknowledged message. Ends when it is killed or when its parent ends.
 */
final class AppendingProcess {
    static final String READY = "ready";

    private AppendingProcess() {}

    public static void main(String[] arguments) {
        Durability durability = Durability.valueOf(arguments[1]);
        try (HikariDataSource database = H2Database.inFile(Path.of(arguments[0]));
                MessageStore store = JdbiMessageStore.open(
                        database, JdbiStoreConfig.defaults().withDurability(durability))) {
            StoreCalls.all(store, StoreCalls.A).forEach(found -> System.out.println(found.id()));
            System.out.println(READY);
            for (int i = 0; !System.out.checkError(); i++) {
                int batch = i;
                List<Draft> drafts = IntStream.rangeClosed(0, i % 20)
                        .mapToObj(n -> Draft.of(StoreCalls.A, null, "x".repeat(batch % 2_000 + 1), null))
                        .toList();
                StringBuilder acknowledged = new StringBuilder();
                store.append(StoreCalls.NODE, drafts)
                        .outcomes()
                        .forEach(outcome -> acknowledged
                                .append(StoreCalls.placed(outcome).id())
                                .append('\n'));
                System.out.print(acknowledged);
                System.out.flush();
            }
        }
    }
}
