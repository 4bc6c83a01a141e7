package dev.confab.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.IdFormat;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.Start;
import dev.confab.netty.Hello;
import dev.confab.netty.Identity;
import dev.confab.netty.ReadRequest;
import dev.confab.netty.SessionInfo;
import dev.confab.netty.SessionListener;
import dev.confab.netty.Sessions;
import dev.confab.netty.View;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The sessions of sockets: who gets a notice, and who is listed. */
class SessionsTest {
    private static final Room A = new Room("a");
    private static final Room B = new Room("b");
    private static final String FRAME = "\u0081\u0028{\"type\":\"notice\",\"room\":\"a\",\"text\":\"hi\"}";

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final Sessions sessions = new Sessions();
    private final WebSocketHandler handler = new WebSocketHandler(chat, WebSocketConfig.defaults(), sessions);
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
        sessions.broadcast(A, "hi");
        assertThat(sent(a)).isEqualTo(FRAME);
        assertThat(sent(ab)).isEqualTo(FRAME);
        assertThat(sent(b)).isEmpty();
    }

    @Test
    void aBroadcastExceptOneSessionOmitsThatSession() {
        Session one = open(A);
        Session other = open(A);
        sessions.broadcastExcept(one.name(), A, "hi");
        assertThat(sent(one)).isEmpty();
        assertThat(sent(other)).isEqualTo(FRAME);
    }

    @Test
    void aClosingSessionGetsItsCloseFrameAndNothingElse() {
        Session one = open(A);
        Session other = open(A);
        one.socket().close(CloseCode.SILENT);
        sessions.broadcast(A, "hi");
        assertThat(sent(one)).startsWith("\u0088").doesNotContain("{");
        assertThat(sent(other)).isEqualTo(FRAME);
    }

    @Test
    void aSessionThatIsNotWritableIsSkipped() {
        Session one = open(A);
        one.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        sessions.broadcast(A, "hi");
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

    @Test
    void aNoticeToAllReachesEveryRoom() {
        Session a = open(A);
        Session b = open(B);
        sessions.broadcast("hi");
        String frame = "\u0081\u001d{\"type\":\"notice\",\"text\":\"hi\"}";
        assertThat(sent(a)).isEqualTo(frame);
        assertThat(sent(b)).isEqualTo(frame);
        sessions.broadcastExcept(a.name(), "hi");
        assertThat(sent(a)).isEmpty();
        assertThat(sent(b)).isEqualTo(frame);
    }

    @Test
    void aNoticeToManySessionsReachesEachOnce() {
        List<Session> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            all.add(open(A));
        }
        sessions.broadcast(A, "hi");
        all.forEach(session -> assertThat(sent(session)).isEqualTo(FRAME));
    }

    @Test
    void aNoticeToOneSessionIsForNoOther() {
        Session one = open(A);
        Session other = open(A);
        CompletableFuture<Boolean> found = sessions.send(one.name(), "hi").toCompletableFuture();
        CompletableFuture<Boolean> missed = sessions.send("no name", "hi").toCompletableFuture();
        assertThat(sent(one)).isEqualTo("\u0081\u001d{\"type\":\"notice\",\"text\":\"hi\"}");
        assertThat(sent(other)).isEmpty();
        assertThat(found.join()).isTrue();
        assertThat(missed.join()).isFalse();
    }

    @Test
    void aSessionIsClosedWithTheCodeAndTheReasonOfTheApplication() {
        Session one = open(A);
        Session other = open(A);
        CompletableFuture<Boolean> found =
                sessions.close(one.name(), 4501, "no lönger").toCompletableFuture();
        assertThat(sent(one)).isEqualTo("\u0088\f\u0011\u0095no l\u00c3\u00b6nger");
        assertThat(sent(other)).isEmpty();
        assertThat(found.join()).isTrue();
    }

    @Test
    void aCodeOrReasonThatAFrameCannotHaveIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sessions.close("9f1c", 1005, ""))
                .withMessage("code: 1005 (expected: 1000, 1001, 1008, 1011 to 1013, or 3000 to 4999)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sessions.close("9f1c", 4000, "é".repeat(62)))
                .withMessage("reason: 124 bytes (expected: at most 123)");
    }

    @Test
    void sessionsAreListedByRoomAndByNick() {
        MessageId start = chat.publish(Draft.of(B, "1")).join().entry().id();
        EmbeddedChannel channel = new EmbeddedChannel();
        channels.add(channel);
        View view = View.of(RoomSet.of(A));
        Session ann = open(channel, new ReadRequest(view, Start.LATEST, new Nick("ann")));
        open(B);
        List<SessionInfo> inRoom = list(() -> sessions.list(A));
        assertThat(inRoom)
                .singleElement()
                .returns(ann.name(), SessionInfo::name)
                .returns("websocket", SessionInfo::transport)
                .returns(channel.remoteAddress(), SessionInfo::address)
                .returns(view.rooms(), SessionInfo::rooms)
                .returns(new Nick("ann"), SessionInfo::nick);
        assertThat(inRoom.get(0).cursor()).isGreaterThanOrEqualTo(start);
        assertThat(list(() -> sessions.list(new Nick("ann")))).hasSameSizeAs(inRoom);
        assertThat(list(() -> sessions.list(new Nick("bob")))).isEmpty();
        assertThat(list(() -> sessions.list(new Room("nobody")))).isEmpty();
    }

    @Test
    void aListenerIsToldOfSessionsThatOpenAndClose() {
        List<String> told = new ArrayList<>();
        sessions.addListener(new SessionListener() {
            @Override
            public void opened(SessionInfo session) {
                told.add("opened " + session.name() + " at " + session.cursor());
                throw new IllegalStateException("a listener that fails");
            }

            @Override
            public void closed(SessionInfo session) {
                told.add("closed " + session.name());
            }
        });
        Session session = open(A);
        assertThat(told).containsExactly("opened " + session.name() + " at " + chat.head());
        session.channel().close();
        assertThat(told).hasSize(2).contains("closed " + session.name());
    }

    private <T> T list(Supplier<CompletionStage<T>> question) {
        CompletableFuture<T> answer = question.get().toCompletableFuture();
        channels.forEach(EmbeddedChannel::runPendingTasks);
        return answer.join();
    }

    private Session open(Room... rooms) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channels.add(channel);
        return open(channel, new ReadRequest(View.of(RoomSet.of(rooms)), Start.LATEST, null));
    }

    private Session open(EmbeddedChannel channel, ReadRequest request) {
        String name = Hello.at(chat.head(), IdFormat.ULID).session();
        Session session = handler.createSession(name, channel, request, chat.head(), true, Identity.ANYONE);
        session.writeTo(handler.createSocket(session));
        session.list(sessions.open(name, session, request.rooms()));
        channel.pipeline().addLast(session.socket());
        handler.join(session);
        return session;
    }

    private String sent(Session session) {
        EmbeddedChannel channel = (EmbeddedChannel) session.channel();
        channels.forEach(EmbeddedChannel::runPendingTasks);
        StringBuilder text = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            text.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return text.toString();
    }
}
