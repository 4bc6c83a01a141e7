package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes that are encrypted and written past the pipeline, together with bytes that go through it. */
@Timeout(60)
final class TlsOutputTest {
    private static final int NUMBERS = 1 << 13;

    @TempDir
    Path directory;

    private ServerFixture fixture;
    private RawHttp client;
    private Channel channel;
    private ChannelHandler writer;

    @AfterEach
    void close() {
        if (fixture != null) {
            client.close();
            fixture.close();
        }
    }

    /**
     * Each chunk consists of one repeated number. The client does not read before all chunks are written, so that the
     * socket takes only a part of them.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void bytesThatTheSocketDoesNotTakeKeepTheirPlace(String protocol) throws Exception {
        connect(protocol);
        int direct = onLoop(() -> {
            SocketOutput output = output();
            int taken = 0;
            for (int number = 0; number < NUMBERS; number++) {
                ByteBuf chunk = chunk(number, 64);
                // Some of the bytes go through the pipeline although the socket has room for them.
                if (number % 7 != 0 && output.write(chunk) > 0) {
                    taken++;
                    chunk.release();
                } else {
                    channel.pipeline().context(writer).writeAndFlush(chunk);
                }
            }
            return taken;
        });
        assertThat(direct).as("written directly").isBetween(1, NUMBERS * 6 / 7 - 1);
        assertChunks(NUMBERS);
    }

    @Test
    void nothingOvertakesBytesThatAreNotYetFlushed() throws Exception {
        connect("TLSv1.3");
        onLoop(() -> {
            SocketOutput output = output();
            TlsConnection tls = channel.pipeline().get(TlsConnection.class);
            channel.pipeline().context(writer).write(chunk(0, 64));
            ByteBuf next = chunk(1, 64);
            assertThat(tls.isFlushed()).isFalse();
            assertThat(output.write(next)).isZero();
            channel.flush();
            assertThat(tls.isFlushed()).isTrue();
            assertThat(output.write(next)).isEqualTo(256);
            next.release();
            return null;
        });
        assertChunks(2);
    }

    @Test
    void bytesForSeveralRecordsAreLeftToThePipeline() throws Exception {
        connect("TLSv1.3");
        onLoop(() -> {
            ByteBuf large = chunk(0, 4_097);
            assertThat(output().write(large)).isZero();
            large.release();
            ByteBuf record = chunk(0, 4_000);
            assertThat(output().write(record)).isEqualTo(16_000);
            record.release();
            return null;
        });
        assertThat(client.readBytes(16_000)).containsOnly(0);
    }

    @Test
    void nothingIsWrittenAfterTheEndOfTheOutput() throws Exception {
        connect("TLSv1.3");
        onLoop(() -> {
            SocketOutput output = output();
            OutputEnd.shutDown((DuplexChannel) channel);
            ByteBuf late = chunk(0, 64);
            assertThat(output.write(late)).isZero();
            late.release();
            return null;
        });
        assertThat(client.readByteOrEnd()).isEqualTo(-1);
    }

    private void connect(String protocol) throws Exception {
        assumeTrue(Epoll.isAvailable(), "There is no epoll here");
        TestCertificate certificate = TestCertificate.create("EC");
        fixture = new ServerFixture(
                ServerFixture.CONFIG.withIo(IoTransport.EPOLL).withTls(certificate.writeTo(directory)),
                HttpConfig.defaults());
        client = RawHttp.overTls(fixture.server.tlsPort(), TestCertificate.client(protocol, certificate));
        client.send("GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
        Exchange exchange = fixture.lot.next();
        channel = exchange.channel();
        writer = new ChannelInboundHandlerAdapter();
        onLoop(() -> {
            channel.config().setOption(ChannelOption.SO_SNDBUF, 4_096);
            return exchange.takeOver(Response.of(HttpResponseStatus.OK).withoutLength(), writer);
        });
        client.readHead();
    }

    private SocketOutput output() {
        return Objects.requireNonNull(SocketOutput.of(channel, writer));
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return channel.eventLoop().submit(task).get(20, TimeUnit.SECONDS);
    }

    private ByteBuf chunk(int number, int times) {
        ByteBuf chunk = channel.alloc().directBuffer(times * Integer.BYTES);
        for (int i = 0; i < times; i++) {
            chunk.writeInt(number);
        }
        return chunk;
    }

    private void assertChunks(int count) {
        ByteBuf all = Unpooled.wrappedBuffer(client.readBytes(count * 64 * Integer.BYTES));
        for (int number = 0; number < count; number++) {
            for (int i = 0; i < 64; i++) {
                assertThat(all.readInt()).isEqualTo(number);
            }
        }
    }
}
