package dev.confab.spring;

import dev.confab.core.ChatService;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Reports whether a publish would be stored, and otherwise the code of the reason. Thread-safe. */
final class LogHealthIndicator extends AbstractHealthIndicator {
    /** The time after which a store that has not responded counts as unreachable. */
    private static final long PATIENCE_MILLIS = 2_000;

    private final ChatService chat;

    LogHealthIndicator(ChatService chat) {
        super("The store did not report its health");
        this.chat = chat;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        dev.confab.core.Health health = chat.health()
                .completeOnTimeout(dev.confab.core.Health.UNREACHABLE, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                .join();
        if (health == dev.confab.core.Health.OK) {
            builder.up();
        } else {
            builder.down().withDetail("code", health.code());
        }
    }
}
