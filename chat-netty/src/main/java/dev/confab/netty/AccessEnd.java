package dev.confab.netty;

/** The reason why a connection that is open may not go on. */
public enum AccessEnd {
    /** The principal has expired, and the client has sent no new token. */
    EXPIRED("The token has expired: repeat the request with a new token"),
    /** The access was revoked, on this node or another. */
    REVOKED("The access was revoked");

    private final String detail;

    AccessEnd(String detail) {
        this.detail = detail;
    }

    /** Returns the failure for a request that waits: 401 {@code unauthenticated}. */
    public HttpException toException() {
        return HttpException.unauthenticated(detail);
    }
}
