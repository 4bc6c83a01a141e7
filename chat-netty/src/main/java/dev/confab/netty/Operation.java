package dev.confab.netty;

/** An operation on one room, about which an {@link Authorizer} decides. */
public enum Operation {
    /** Reading entries: a poll, a page of history, an event stream or a WebSocket, from any cursor. */
    READ,
    /** Publishing a message, over HTTP or in a frame of a WebSocket. */
    PUBLISH,
    /** Reading the list of participants. */
    PRESENCE
}
