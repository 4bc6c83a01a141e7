package dev.confab.netty;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;

/**
 * Explains to an administrator why a server cannot listen. Epoll, NIO and io_uring report the same error in three
 * different ways.
 */
final class BindFailure {
    private BindFailure() {}

    static UncheckedIOException of(InetSocketAddress address, Throwable cause) {
        // getHostString() returns the host as it was configured, without a reverse lookup.
        String place = address.getHostString() + ":" + address.getPort();
        return new UncheckedIOException(
                "Cannot listen on " + place + ": " + reason(address, cause), new IOException(cause));
    }

    private static String reason(InetSocketAddress address, Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        if (address.isUnresolved()
                || cause instanceof UnresolvedAddressException
                || cause instanceof UnknownHostException) {
            return "the name " + address.getHostString() + " is unknown";
        }
        if (message.contains("Address already in use")) {
            return "the port is in use";
        }
        if (message.contains("Cannot assign requested address")) {
            return "the address is not one of this machine's";
        }
        if (message.contains("Permission denied")) {
            return "no permission for this port";
        }
        return message;
    }
}
