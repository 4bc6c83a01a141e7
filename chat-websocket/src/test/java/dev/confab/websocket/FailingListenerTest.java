package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

/** Tests of a fault in the handling of a message. */
final class FailingListenerTest {
    private static final WebSocketConfig CONFIG = WebSocketConfig.defaults();

    private static final class Failing implements SocketListener {
        @Override
        public void message(ByteBuf payload, boolean isText) {
            throw new OutOfMemoryError("planted");
        }

        @Override
        public void writabilityChanged() {}

        @Override
        public void closed(Ending ending) {}
    }

    @Test
    void aFaultClosesWith1011AndPassesNothingOn() {
        EmbeddedChannel channel = new EmbeddedChannel(new Socket(CONFIG, Socket.decoderConfig(CONFIG), new Failing()));

        // A text message of one character, with a mask of zeros.
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, 'x'}));

        Object handedOn = channel.readInbound();
        assertThat(handedOn).isNull();
        ByteBuf close = channel.readOutbound();
        assertThat(close.getUnsignedShort(2)).isEqualTo(1011);
        close.release();
        channel.finishAndReleaseAll();
    }
}
