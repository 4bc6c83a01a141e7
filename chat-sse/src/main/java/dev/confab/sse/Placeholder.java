package dev.confab.sse;

/** Delete me with the first real type: an exported package must not be empty. */
final class Placeholder {
    private Placeholder() {}
}
