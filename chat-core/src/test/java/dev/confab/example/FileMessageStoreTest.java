package dev.confab.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Draft;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.MessageStoreContract;
import dev.confab.core.Room;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileMessageStoreTest extends MessageStoreContract {
    @TempDir
    private Path directory;

    @Override
    protected MessageStore open(InstantSource clock) {
        return new FileMessageStore(directory.resolve("chat.log"), clock);
    }

    /** At whatever byte a write was interrupted, the transactions before that write are kept. */
    @Test
    void aTornFileIsReadUpToItsLastWholeTransaction() throws IOException {
        Path file = directory.resolve("chat.log");
        UUID node = UUID.randomUUID();
        MessageId first;
        long whole;
        try (MessageStore store = open()) {
            store.append(node, List.of(Draft.of(Room.LOBBY, "first")));
            first = store.lastId();
            whole = Files.size(file);
            store.append(node, List.of(Draft.of(Room.LOBBY, "second")));
        }
        byte[] content = Files.readAllBytes(file);
        for (int length = (int) whole; length < content.length; length++) {
            Files.write(file, Arrays.copyOf(content, length));
            try (MessageStore store = open()) {
                assertThat(store.lastId()).as("cut to %d bytes", length).isEqualTo(first);
            }
        }
    }
}
