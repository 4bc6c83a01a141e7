package dev.confab.netty;

/**
 * Learns when sessions open and close. The methods are called on the event loop of the session, and must not block. An
 * exception is logged, and changes nothing for the session.
 */
public interface SessionListener {
    /** Called when a session has opened, before the client gets its first entry. */
    default void opened(SessionInfo session) {}

    /** Called once when a session has closed, no matter which side closed it. */
    default void closed(SessionInfo session) {}
}
