package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Nick;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AccessWatchesTest {
    /** A list of the JDK is the model. */
    @Test
    void theReadersAreThoseThatWereAddedAndNotRemoved() {
        try (InMemoryMessageStore store = new InMemoryMessageStore();
                ChatService chat = new ChatService(store, ChatConfig.defaults())) {
            Access access = Access.of(
                    chat,
                    AccessConfig.of(
                            credentials -> CompletableFuture.completedFuture(Principal.of("ann")), Authorizer.ALL));
            EmbeddedChannel channel = new EmbeddedChannel();
            AccessWatches watches = new AccessWatches();
            List<AccessWatch> model = new ArrayList<>();
            List<AccessWatch> removed = new ArrayList<>();
            Random random = new Random(1);
            for (int i = 0; i < 2_000; i++) {
                if (random.nextInt(5) < 2 || model.isEmpty()) {
                    AccessWatch watch = new AccessWatch(access, new Nick("ann"), channel.eventLoop(), end -> {});
                    watches.add(watch);
                    model.add(watch);
                    assertThat(watch.rank).isEqualTo(model.size());
                } else {
                    AccessWatch watch = model.remove(random.nextInt(model.size()));
                    watches.remove(watch);
                    removed.add(watch);
                }
                if (!removed.isEmpty()) {
                    watches.remove(removed.get(random.nextInt(removed.size())));
                }
                List<AccessWatch> left = new ArrayList<>();
                watches.forEach(left::add);
                assertThat(left).containsExactlyInAnyOrderElementsOf(model);
                assertThat(watches.isEmpty()).isEqualTo(model.isEmpty());
            }
            channel.close();
        }
    }
}
