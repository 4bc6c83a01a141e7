package dev.confab.core;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The reads of one kind that are running. Equal reads share one result. A read is not shared any more after the head
 * has moved or retention has removed messages: a read that begins then has to show the new state. Thread-safe.
 *
 * @param <K> the question, a value
 * @param <V> the result
 */
final class RunningReads<K, V> {
    private final Tail tail;
    private final Map<Question<K>, CompletableFuture<V>> running = new ConcurrentHashMap<>();

    RunningReads(Tail tail) {
        this.tail = tail;
    }

    /** Returns the result of the read that is running for {@code what}. Starts {@code read} if none is running. */
    CompletableFuture<V> share(K what, Supplier<CompletableFuture<V>> read) {
        Question<K> question = new Question<>(what, tail.head(), tail.trims());
        CompletableFuture<V> mine = new CompletableFuture<>();
        CompletableFuture<V> shared = running.putIfAbsent(question, mine);
        if (shared != null) {
            return shared;
        }
        read.get().whenComplete((result, failure) -> {
            running.remove(question);
            if (failure != null) {
                mine.completeExceptionally(failure);
            } else {
                mine.complete(result);
            }
        });
        return mine;
    }

    private record Question<K>(K what, MessageId head, long trims) {}
}
