package dev.confab.websocket;

import dev.confab.websocket.ClientFrame.Tag;

/** A client's message is not one. Without a stack trace: it tells of a message, not of code. */
final class FrameException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final FrameReason reason;
    private final transient Tag tag;

    /** @param detail for the one who sent it */
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

    /** As much as was understood. */
    Tag tag() {
        return tag;
    }
}
