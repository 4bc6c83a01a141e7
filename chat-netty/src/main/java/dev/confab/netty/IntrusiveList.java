package dev.confab.netty;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A list whose links are in its elements. Adding and removing an element allocates nothing, and touches only its
 * neighbours, not the last element of an array. Each poll does both, and a cache miss is most of their cost. Not
 * thread-safe.
 */
final class IntrusiveList<T extends IntrusiveList.Node<T>> {
    /** An element, which is in one list at most. */
    abstract static class Node<T extends Node<T>> {
        private @Nullable IntrusiveList<T> list;
        private @Nullable T before;
        private @Nullable T after;

        /** Returns the next element, which was added before this one; null for the last element. */
        final @Nullable T after() {
            return after;
        }
    }

    private @Nullable T first;
    private int size;

    /** Adds an element as the first one. The element must not be in a list. */
    void add(T element) {
        Node<T> node = element;
        Node<T> next = first;
        node.list = this;
        node.after = first;
        if (next != null) {
            next.before = element;
        }
        first = element;
        size++;
    }

    /** Removes an element. Does nothing when it is not in this list. */
    void remove(T element) {
        Node<T> node = element;
        if (node.list != this) {
            return;
        }
        Node<T> before = node.before;
        Node<T> after = node.after;
        if (before == null) {
            first = node.after;
        } else {
            before.after = node.after;
        }
        if (after != null) {
            after.before = node.before;
        }
        node.list = null;
        node.before = null;
        node.after = null;
        size--;
    }

    /** @param action must not remove elements */
    void forEach(Consumer<? super T> action) {
        for (T element = first; element != null; element = element.after()) {
            action.accept(element);
        }
    }

    /** Returns the element that was added last, or null if the list is empty. */
    @Nullable
    T first() {
        return first;
    }

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }
}
