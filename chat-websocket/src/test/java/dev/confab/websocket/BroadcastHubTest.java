package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.netty.Identity;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.View;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BroadcastHubTest {
    private static final Room A = new Room("a");
    private static final Room B = new Room("b");
    private static final byte[] JSON = "{}".getBytes(StandardCharsets.US_ASCII);
    private static final String FRAME = "\u0081\u0002{}";

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final WebSocketHandler handler = new WebSocketHandler(chat, WebSocketConfig.defaults());
    private final List<EmbeddedChannel> channels = new ArrayList<>();

    @AfterEach
    void close() {
        channels.forEach(EmbeddedChannel::finishAndReleaseAll);
        chat.close();
        store.close();
    }

    @Test
    void aBroadcastReachesAllReadersOfTheRoomAndNoOthers() {
        Session a = open(A);
        Session ab = open(A, B);
        Session b = open(B);
        handler.hub().broadcast(A, JSON);
        assertThat(sent(a)).isEqualTo(FRAME);
        assertThat(sent(ab)).isEqualTo(FRAME);
        assertThat(sent(b)).isEmpty();
    }

    @Test
    void aBroadcastExceptOneSessionOmitsThatSession() {
        Session one = open(A);
        Session other = open(A);
        handler.hub().broadcastExcept(one, A, JSON);
        assertThat(sent(one)).isEmpty();
        assertThat(sent(other)).isEqualTo(FRAME);
    }

    @Test
    void aClosingSessionGetsItsCloseFrameAndNothingElse() {
        Session one = open(A);
        Session other = open(A);
        one.socket().close(CloseCode.SILENT);
        handler.hub().broadcast(A, JSON);
        assertThat(sent(one)).startsWith("\u0088").doesNotContain("{}");
        assertThat(sent(other)).isEqualTo(FRAME);
    }

    @Test
    void aSessionThatIsNotWritableIsSkipped() {
        Session one = open(A);
        one.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        handler.hub().broadcast(A, JSON);
        assertThat(sent(one)).isEmpty();
    }

    @Test
    void sessionsAreRegisteredAndForgotten() {
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            sessions.add(open(i % 2 == 0 ? A : B));
        }
        for (int i = 0; i < 50; i += 3) {
            ((EmbeddedChannel) sessions.get(i).channel()).close();
        }
        handler.notice(A, "x");
        for (int i = 0; i < 50; i++) {
            boolean isTold = i % 3 != 0 && i % 2 == 0;
            assertThat(sent(sessions.get(i)).contains("{\"type\":\"notice\",\"room\":\"a\",\"text\":\"x\"}"))
                    .as("session %s", i)
                    .isEqualTo(isTold);
        }
        assertThat(handler.connections()).isEqualTo(33);
    }

    private Session open(Room... rooms) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channels.add(channel);
        ReadRequest request = new ReadRequest(View.of(RoomSet.of(rooms)), Start.LATEST, null);
        Session session = handler.createSession(channel, "9f1c", request, Identity.ANYONE);
        session.writeTo(handler.createSocket(session));
        channel.pipeline().addLast(session.socket());
        handler.join(session, chat.head());
        return session;
    }

    private static String sent(Session session) {
        EmbeddedChannel channel = (EmbeddedChannel) session.channel();
        channel.runPendingTasks();
        StringBuilder text = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            text.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return text.toString();
    }
}
