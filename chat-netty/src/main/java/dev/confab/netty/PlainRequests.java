package dev.confab.netty;

/** How a server with a port for TLS handles requests that arrive at its other port. */
public enum PlainRequests {
    /** The requests are served as on the port for TLS. */
    SERVE,
    /**
     * The response is 308 with the same host and target at the port for TLS. Browsers follow it, except for WebSockets.
     */
    REDIRECT,
    /** The response is 403 {@code tls_required}. */
    REFUSE
}
