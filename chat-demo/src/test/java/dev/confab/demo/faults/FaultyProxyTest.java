package dev.confab.demo.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checks the proxy between a client and the server's end of the connection. */
class FaultyProxyTest {
    private ServerSocket server;
    private FaultyProxy proxy;
    private Socket client;
    private Socket accepted;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        proxy = new FaultyProxy(server.getLocalPort());
        client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        accepted = server.accept();
        client.setSoTimeout(20_000);
        accepted.setSoTimeout(20_000);
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        accepted.close();
        proxy.close();
        server.close();
    }

    @Test
    void openConnectionPassesBytesInBothDirections() throws IOException {
        pass(client, accepted);
        pass(accepted, client);
    }

    @Test
    void endOfOneDirectionIsPassedOn() throws IOException {
        client.shutdownOutput();
        assertThat(accepted.getInputStream().read()).isEqualTo(-1);
        pass(accepted, client);
        accepted.close();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void cutResetsExistingAndNewConnections() throws IOException {
        pass(client, accepted);
        proxy.cut();
        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        try (Socket other = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            assertThatThrownBy(() -> {
                        if (other.getInputStream().read() < 0) {
                            throw new IOException("ended");
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        proxy.restore();
        try (Socket again = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
                Socket at = server.accept()) {
            pass(again, at);
        }
    }

    @Test
    void stalledConnectionPassesNothingUntilRestored() throws IOException {
        proxy.stall();
        client.getOutputStream().write(7);
        accepted.setSoTimeout(100);
        assertThatThrownBy(() -> accepted.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        accepted.setSoTimeout(20_000);
        proxy.restore();
        assertThat(accepted.getInputStream().read()).isEqualTo(7);
    }

    @Test
    void throttledConnectionIsSlow() throws IOException {
        proxy.throttle(100);
        long begun = System.nanoTime();
        pass(client, accepted);
        client.getOutputStream().write(new byte[20]);
        accepted.getInputStream().readNBytes(20);
        pass(client, accepted);
        assertThat(System.nanoTime() - begun).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(200));
    }

    @Test
    void halfClosedConnectionStaysOpenInTheOtherDirection() throws IOException {
        pass(accepted, client);
        proxy.halfClose();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        pass(client, accepted);
    }

    private static void pass(Socket from, Socket to) throws IOException {
        from.getOutputStream().write(42);
        assertThat(to.getInputStream().read()).isEqualTo(42);
    }
}
