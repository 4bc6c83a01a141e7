package dev.confab.netty;

/** The reason why a connection that is open may not go on. */
public enum AccessEnd {
    /** The principal has expired, and the client has sent no new token. */
    EXPIRED("The token has expired: repeat the request with a new token"),
    /** The access was revoked, on this node or another. */
    REVOKED("The access was revoked"),
    /** The principal has as many other readers on this node as it may have. */
    CROWDED("Too many open connections of this client: close some of them, or try again later");

    private final String detail;

    AccessEnd(String detail) {
        this.detail = detail;
    }

    /** Returns the failure for a request that waits: 401 {@code unauthenticated}, or 429. */
    public HttpException toException() {
        return HttpException.of(this == CROWDED ? HttpReason.TOO_MANY_CONNECTIONS : HttpReason.UNAUTHENTICATED, detail);
    }
}
