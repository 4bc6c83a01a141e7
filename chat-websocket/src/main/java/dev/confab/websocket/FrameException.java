package dev.confab.websocket;

import dev.confab.websocket.ClientFrame.Tag;

/**
 * Thrown when a client's message is not a valid frame. The exception has no stack trace, because it describes a message
 * and not a fault in the code.
 */
final class FrameException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final FrameReason reason;
    private final transient Tag tag;

    /** @param detail a text for the client that sent the message */
    FrameException(FrameReason reason, String detail, Tag tag) {
        super(detail, null, false, false);
        this.reason = reason;
        this.tag = tag;
    }

    FrameReason reason() {
        return reason;
    }

    String detail() {
        return String.valueOf(getMessage());
    }

    /** Returns the tag, with the fields that could be parsed. */
    Tag tag() {
        return tag;
    }
}
