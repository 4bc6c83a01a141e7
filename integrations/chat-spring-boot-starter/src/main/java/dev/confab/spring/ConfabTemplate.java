package dev.confab.spring;

import dev.confab.core.ChatException;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.Published;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Publishes messages from the application's own code. Thread-safe. */
public final class ConfabTemplate {
    private final ChatService chat;
    private final @Nullable TransactionalOutbox outbox;

    ConfabTemplate(ChatService chat, @Nullable TransactionalOutbox outbox) {
        this.chat = chat;
        this.outbox = outbox;
    }

    /**
     * Publishes a message now, even if a running transaction rolls back later. Blocks until the message is durable, so
     * do not call this on an event loop.
     *
     * @throws ChatException as the future of {@link ChatService#publish} fails
     */
    public Published publish(Draft draft) {
        try {
            return chat.publish(draft).join();
        } catch (CompletionException e) {
            throw ChatException.of(e);
        }
    }

    /**
     * Publishes a message when the running transaction commits, and never if it rolls back. The message is released
     * right after the commit. Blocks as a statement does.
     *
     * @throws IllegalStateException when no transaction of the log's {@code DataSource} is running, or the log is not
     *     in a {@code DataSource}
     * @throws org.springframework.dao.DataAccessException as for any statement
     */
    public void enqueue(Draft draft) {
        if (outbox == null) {
            throw new IllegalStateException("store: has no outbox (expected: a log in a DataSource)");
        }
        outbox.enqueue(draft, chat);
    }
}
