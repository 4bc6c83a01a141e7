package dev.confab.netty;

import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls a listener. A listener that fails changes nothing for its caller. Safe for any thread. */
record Events(ServerListener listener) {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    void report(Consumer<ServerListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            LOG.error("A listener failed", e);
        }
    }
}
