package dev.confab.netty;

/** A notice from a server to its connections. */
enum ServerEvent {
    /** The server is shutting down: a connection closes if it has no request in progress. */
    DRAINING
}
