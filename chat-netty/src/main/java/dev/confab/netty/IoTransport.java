package dev.confab.netty;

import io.netty.channel.epoll.Epoll;
import java.util.Locale;
import java.util.Optional;

/** How bytes get from and to the sockets. What is served is the same with each. */
public enum IoTransport {
    /** {@link #EPOLL} where it is to be had, else {@link #NIO}. */
    AUTO,

    /** What the JDK has. */
    NIO,

    /** Linux's, with Netty's native library {@code netty-transport-native-epoll} for the processor on the class path. */
    EPOLL,

    /**
     * Linux's newer one, with Netty's {@code netty-transport-classes-io_uring} and {@code netty-transport-native-io_uring} on the
     * class path, where kernel and container allow it. Never chosen by itself.
     */
    IO_URING;

    /** Why it is not to be had here, on one line for people; empty when it is. Loads the native library. */
    public Optional<String> unavailability() {
        return switch (this) {
            case AUTO, NIO -> Optional.empty();
            case EPOLL -> Optional.ofNullable(Epoll.unavailabilityCause()).map(IoTransport::reason);
            case IO_URING -> ioUringUnavailability();
        };
    }

    private static Optional<String> ioUringUnavailability() {
        try {
            return Optional.ofNullable(UringSockets.unavailabilityCause()).map(IoTransport::reason);
        } catch (NoClassDefFoundError e) {
            return Optional.of("netty-transport-classes-io_uring is not on the class path");
        }
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return message.lines().findFirst().orElse(cause.toString());
    }

    /** As it is written on a command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
