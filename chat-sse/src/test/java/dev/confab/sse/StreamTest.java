package dev.confab.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Gap;
import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.ScriptedStore;
import dev.confab.core.Start;
import dev.confab.netty.Identity;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.View;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of the bytes that a stream writes on each event. */
class StreamTest {
    private static final ReadRequest REQUEST = new ReadRequest(View.of(RoomSet.of(Room.LOBBY)), Start.LATEST, null);
    private static final MessageId ID = MessageId.parse("01KAJ9QN2R0000000000000001");

    private final ChatService chat = new ChatService(ScriptedStore.direct(), ChatConfig.defaults());
    private final SseHandler handler = new SseHandler(chat, SseConfig.defaults());
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @AfterEach
    void stop() {
        channel.finishAndReleaseAll();
        chat.close();
    }

    @Test
    void aGapIsWrittenAsAnEvent() {
        Stream stream = open(true);
        stream.gap(new Gap(Gap.Cause.TRIMMED, ID));
        assertThat(written())
                .isEqualTo("75\r\nid: " + ID + "\nevent: gap\ndata: {\"type\":\"gap\",\"reason\":\"trimmed\",\"id\":\""
                        + ID + "\"}\n\n\r\n");
    }

    @Test
    void aGapIsTheSameWithoutChunks() {
        Stream stream = open(false);
        stream.gap(new Gap(Gap.Cause.REPLACED, ID));
        assertThat(written()).startsWith("id: " + ID + "\nevent: gap\ndata: {").endsWith("}\n\n");
    }

    /** A heartbeat would add bytes to the queue, and the client would look as if it had read some. */
    @Test
    void aClientThatTakesNothingGetsNoHeartbeat() {
        Stream stream = open(true);
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        stream.keepAlive();
        assertThat(written()).isNull();
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        stream.keepAlive();
        assertThat(written()).isEqualTo("3\r\n:\n\n\r\n");
    }

    @Test
    void theEndClosesTheConnection() {
        Stream stream = open(true);
        assertThat(handler.openStreams()).isEqualTo(1);
        stream.end(1_234);
        assertThat(written()).isEqualTo("d\r\nretry: 1234\n\n\r\n0\r\n\r\n");
        assertThat(channel.isOpen()).isFalse();
        assertThat(handler.openStreams()).isZero();
    }

    @Test
    void inputIsReleased() {
        open(true);
        ByteBuf said = Unpooled.copiedBuffer("hello?", StandardCharsets.US_ASCII);
        channel.writeInbound(said);
        assertThat(said.refCnt()).isZero();
    }

    @Test
    void aFaultClosesTheConnection() {
        open(true);
        channel.pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
        assertThat(channel.isOpen()).isFalse();
    }

    private Stream open(boolean chunked) {
        Stream stream = new Stream(handler, channel, REQUEST, chat.head(), chunked, null, Identity.ANYONE);
        channel.pipeline().addLast(new StreamHandler(handler, stream));
        return stream;
    }

    private String written() {
        ByteBuf bytes = channel.readOutbound();
        if (bytes == null) {
            return null;
        }
        try {
            return bytes.toString(StandardCharsets.US_ASCII);
        } finally {
            bytes.release();
        }
    }
}
