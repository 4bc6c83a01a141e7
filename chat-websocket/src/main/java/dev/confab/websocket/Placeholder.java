package dev.confab.websocket;

/** Delete me with the first real type: an exported package must not be empty. */
final class Placeholder {
    private Placeholder() {}
}
