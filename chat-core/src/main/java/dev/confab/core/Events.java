package dev.confab.core;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls a listener. A listener that fails changes nothing for its caller. Thread-safe. */
record Events(ChatListener listener) {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    void report(Consumer<ChatListener> event) {
        if (listener != ChatListener.NONE) {
            try {
                event.accept(listener);
            } catch (RuntimeException e) {
                LOG.error("A listener failed", e);
            }
        }
    }
}
