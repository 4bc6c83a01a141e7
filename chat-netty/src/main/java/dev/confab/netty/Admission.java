package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The client of one connection, and its share of the limit for connections. The connection of a client counts while it
 * is open. The connection of a trusted proxy counts only during a request, for the client of that request. Confined to
 * the event loop.
 */
final class Admission implements ChannelFutureListener {
    /**
     * The number of connections beyond the limit that stay open until they have got their response. The response needs
     * a request, and a client need not send one. So further connections are closed at once.
     */
    static final int MAX_REFUSED = 100;

    private final Limits limits;
    private final @Nullable InetAddress peer;
    private final boolean isProxy;
    private final boolean isRefused;
    private @Nullable InetAddress client;

    /** Whether the client is in the counts. */
    private boolean isCounted;

    /** Counts a new connection, or closes it when far too many connections have the same address. */
    Admission(Limits limits, Channel channel) {
        this.limits = limits;
        peer = channel.remoteAddress() instanceof InetSocketAddress socket ? socket.getAddress() : null;
        isProxy = peer != null && limits.proxies().contain(peer);
        client = peer;
        int excess = isProxy ? 0 : count();
        isRefused = excess > 0;
        if (excess > MAX_REFUSED) {
            channel.close();
        }
        channel.closeFuture().addListener(this);
    }

    /** Returns the address of the client whose request is handled; null when the connection has no IP address. */
    @Nullable
    InetAddress client() {
        return client;
    }

    PublishLimit publishLimit() {
        return limits.publishes(client);
    }

    /** Begins a request. Returns false if the request must be refused and the connection must be closed. */
    boolean begin(HttpHeaders headers) {
        if (!isProxy || peer == null) {
            return !isRefused;
        }
        end();
        client = limits.proxies().client(peer, headers);
        boolean isAdmitted = count() <= 0;
        if (!isAdmitted) {
            uncount();
        }
        return isAdmitted;
    }

    /** Called after the response to a request, unless a stream follows, which lasts as long as the connection. */
    void end() {
        if (isProxy) {
            uncount();
        }
    }

    @Override
    public void operationComplete(ChannelFuture closed) {
        uncount();
    }

    /** Returns the number of connections beyond the limit; negative or 0 if the limit is not exceeded. */
    private int count() {
        if (client == null) {
            return 0;
        }
        isCounted = true;
        return limits.connections().add(ClientAddress.key(client)) - limits.maxConnectionsPerAddress();
    }

    private void uncount() {
        if (isCounted && client != null) {
            isCounted = false;
            limits.connections().remove(ClientAddress.key(client));
        }
    }
}
