package dev.confab.demo;

import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A store in memory whose methods a test lets fail, by their names. Safe for any thread. */
final class FaultyStore {
    private static final String[] READS = {"readBefore", "startOfLast", "participants"};

    private final MessageStore memory = new InMemoryMessageStore();
    private final Map<String, RuntimeException> failures = new ConcurrentHashMap<>();
    private final boolean isBlocking;

    /** @param isBlocking whether the service reads from the store on threads of its own */
    FaultyStore(boolean isBlocking) {
        this.isBlocking = isBlocking;
    }

    MessageStore asStore() {
        return (MessageStore) Proxy.newProxyInstance(
                MessageStore.class.getClassLoader(),
                new Class<?>[] {MessageStore.class},
                (proxy, method, arguments) -> {
                    RuntimeException failure = failures.get(method.getName());
                    if (failure != null) {
                        throw failure;
                    }
                    if (method.getName().equals("isBlocking")) {
                        return isBlocking;
                    }
                    try {
                        return method.invoke(memory, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Runs an action while every read fails. */
    void failReads(RuntimeException failure, Runnable action) {
        fail(failure, action, READS);
    }

    /** Runs an action while every append fails. */
    void failAppends(RuntimeException failure, Runnable action) {
        fail(failure, action, "append");
    }

    /** Runs an action while every health check fails. */
    void failChecks(RuntimeException failure, Runnable action) {
        fail(failure, action, "checkAppends");
    }

    private void fail(RuntimeException failure, Runnable action, String... methods) {
        for (String method : methods) {
            failures.put(method, failure);
        }
        try {
            action.run();
        } finally {
            failures.clear();
        }
    }
}
