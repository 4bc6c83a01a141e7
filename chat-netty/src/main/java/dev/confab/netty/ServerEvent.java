package dev.confab.netty;

/** What a server tells its connections. */
enum ServerEvent {
    /** It goes down: close what waits for nothing. */
    DRAINING
}
