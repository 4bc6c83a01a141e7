package dev.confab.micrometer;

import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageStore;
import dev.confab.core.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A store in memory with an outbox of three rows, which the store cannot take until the test frees them. */
final class StuckOutbox {
    private final MessageStore log = new InMemoryMessageStore();
    private volatile long rows = 3;

    MessageStore store() {
        return (MessageStore) Proxy.newProxyInstance(
                MessageStore.class.getClassLoader(),
                new Class<?>[] {MessageStore.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "hasOutbox" -> true;
                    case "outboxRows" -> rows;
                    case "takeOutbox" -> take();
                    default -> {
                        try {
                            yield method.invoke(log, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }
                });
    }

    void free() {
        rows = 0;
    }

    private MessageStore.Appended take() {
        if (rows > 0) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "scripted", null);
        }
        return null;
    }
}
