package dev.confab.longpoll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.Signal;
import dev.confab.netty.RawHttp;
import dev.confab.netty.SessionInfo;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A poll is a session while it waits. */
@Timeout(30)
final class PollSessionTest {
    private final PollServer server = new PollServer();

    @Test
    void aPollThatWaitsIsListedUntilItsResponse() throws Exception {
        try (server;
                RawHttp client = server.park("after=latest&wait=60&nick=ann")) {
            assertThat(list())
                    .singleElement()
                    .returns("longpoll", SessionInfo::transport)
                    .returns(new Nick("ann"), SessionInfo::nick);
            server.publish("hello");
            assertThat(PollServer.bodies(client.read())).containsExactly("hello");
            assertThat(list()).isEmpty();
        }
    }

    @Test
    void aPollWithEntriesIsNotASession() {
        try (server) {
            server.publish("hello");
            assertThat(PollServer.bodies(server.poll("after=earliest"))).containsExactly("hello");
            assertThat(list()).isEmpty();
        }
    }

    @Test
    void aPollThatIsClosedGetsAnEmptyPageWithItsCursor() throws Exception {
        MessageId last = server.publish("before");
        try (server;
                RawHttp client = server.park("after=latest&wait=60")) {
            String name = list().get(0).name();
            assertThat(server.sessions
                            .close(name, 4000, "")
                            .toCompletableFuture()
                            .join())
                    .isTrue();
            RawHttp.Response response = client.read();
            assertThat(response.body()).isEqualTo("[]");
            assertThat(PollServer.cursor(response)).isEqualTo(last.toString());
        }
    }

    @Test
    void aPollGetsNoNotice() throws Exception {
        try (server;
                RawHttp client = server.park("after=latest&wait=60")) {
            String name = list().get(0).name();
            server.sessions.broadcast("hi");
            assertThat(server.sessions.send(name, "hi").toCompletableFuture().join())
                    .isFalse();
            server.publish("hello");
            assertThat(PollServer.bodies(client.read())).containsExactly("hello");
        }
    }

    @Test
    void aSignalEndsThePollThatAskedForSignalsAndItsCursorStays() throws Exception {
        MessageId last = server.publish("before");
        try (server;
                RawHttp client = server.park("after=latest&wait=60&signals=true")) {
            server.chat.signal(new Signal(Room.LOBBY, "typing", "x", new Nick("ann"), null));
            RawHttp.Response response = client.read();
            assertThat(response.body())
                    .isEqualTo("[{\"type\":\"signal\",\"room\":\"lobby\",\"event\":\"typing\",\"data\":\"x\","
                            + "\"nick\":\"ann\"}]");
            assertThat(PollServer.cursor(response)).isEqualTo(last.toString());
            assertThat(list()).isEmpty();
        }
    }

    @Test
    void otherPollsGetNoSignals() throws Exception {
        try (server;
                RawHttp client = server.park("after=latest&wait=60&signals=false")) {
            server.chat.signal(new Signal(Room.LOBBY, "typing", "x", null, null));
            server.publish("hello");
            assertThat(PollServer.bodies(client.read())).containsExactly("hello");
            assertThat(server.poll("signals=yes").body())
                    .contains("signals: yes (expected: true or false)")
                    .contains("\"code\":\"invalid_parameter\"");
        }
    }

    @Test
    void aSubscriberThatWaitsIsListedAndCanBeClosed() throws Exception {
        try (server;
                RawHttp client = server.sub(server.connect())) {
            String name = list().get(0).name();
            assertThat(server.sessions
                            .close(name, 4000, "")
                            .toCompletableFuture()
                            .join())
                    .isTrue();
            RawHttp.Response response = client.read();
            assertThat(response.status()).isEqualTo(503);
            assertThat(response.body()).contains("\"code\":\"no_message\"");
            assertThat(list()).isEmpty();
        }
    }

    private List<SessionInfo> list() {
        return server.sessions.list(Room.LOBBY).toCompletableFuture().join();
    }
}
