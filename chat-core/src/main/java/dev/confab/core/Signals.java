package dev.confab.core;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes the signals of all nodes to the listeners of this node. Safe for any thread. */
final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private final MessageStore store;
    private final List<Consumer<Signal>> listeners = new CopyOnWriteArrayList<>();

    Signals(MessageStore store) {
        this.store = store;
        store.onSignalElsewhere(this::deliver);
    }

    void add(Consumer<Signal> listener) {
        listeners.add(listener);
    }

    void remove(Consumer<Signal> listener) {
        listeners.remove(listener);
    }

    void send(Signal signal) {
        deliver(signal);
        store.signalElsewhere(signal);
    }

    private void deliver(Signal signal) {
        for (Consumer<Signal> listener : listeners) {
            try {
                listener.accept(signal);
            } catch (RuntimeException e) { // the other listeners still get the signal
                LOG.warn("A listener of signals failed", e);
            }
        }
    }
}
