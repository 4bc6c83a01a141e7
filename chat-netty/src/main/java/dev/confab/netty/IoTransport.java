package dev.confab.netty;

import io.netty.channel.epoll.Epoll;
import java.util.Locale;
import java.util.Optional;

/** The system interface that moves bytes from and to the sockets. The server behaves the same with each of them. */
public enum IoTransport {
    /** {@link #EPOLL} where it is available, otherwise {@link #NIO}. */
    AUTO,

    /** The selectors of the JDK. Available everywhere. */
    NIO,

    /**
     * Linux's epoll. Needs Netty's native library {@code netty-transport-native-epoll}, for the machine's processor, on
     * the class path.
     */
    EPOLL,

    /**
     * Linux's io_uring, which is newer than epoll. Needs Netty's {@code netty-transport-classes-io_uring} and
     * {@code netty-transport-native-io_uring} on the class path, and a kernel and a container that allow io_uring.
     * {@link #AUTO} never chooses it.
     */
    IO_URING;

    /**
     * Returns why this transport is not available here, as one line for people; empty when it is available. Loads the
     * native library.
     */
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

    /** Returns the name as it is written on a command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
