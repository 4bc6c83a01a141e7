package dev.confab.demo;

import static dev.confab.netty.EntryReader.field;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Room;
import dev.confab.netty.EventClient;
import dev.confab.netty.RawHttp;
import dev.confab.netty.SessionInfo;
import dev.confab.netty.WsClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The hub that docs/embedding.md shows is compiled, and works over all transports. */
@Timeout(60)
final class HubTest {
    private static final Path PAGE = Path.of("..", "docs", "embedding.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/confab/demo/Hub.java");

    @Test
    void theHubIsTheCodeThatIsTested() throws IOException {
        String code = between(Files.readString(SOURCE), "// hub:begin\n", "        // hub:end\n")
                .lines()
                .map(line -> line.replaceFirst("^ {8}", ""))
                .collect(Collectors.joining("\n", "", "\n"));
        assertThat(code.lines()).hasSizeLessThanOrEqualTo(25);
        assertThat(between(Files.readString(PAGE), "<!-- embedding:hub -->\n```java\n", "```\n"))
                .isEqualTo(code);
    }

    @Test
    void everybodyIsToldOfOthersAndASessionCanBeClosed() {
        Hub.run((server, sessions) -> {
            try (WsClient first = new WsClient(new RawHttp(server.port())).upgrade("");
                    EventClient stream = EventClient.open(new RawHttp(server.port()), "room=elsewhere")) {
                String name = field(first.text(), "session");
                assertThat(stream.block()).startsWith("retry: ");
                String other = field(stream.block(), "session");
                assertThat(notice(first.text())).isEqualTo(other + " connected");
                try (WsClient third = new WsClient(new RawHttp(server.port())).upgrade("")) {
                    String last = field(third.text(), "session");
                    assertThat(notice(first.text())).isEqualTo(last + " connected");
                    String told = notice(stream.read());
                    if (told.equals(name + " connected")) {
                        // The notice was sent before the stream was open, and the stream's event loop was late.
                        told = notice(stream.read());
                    }
                    assertThat(told).isEqualTo(last + " connected");
                    List<SessionInfo> there =
                            sessions.list(Room.LOBBY).toCompletableFuture().join();
                    assertThat(there).extracting(SessionInfo::name).containsExactlyInAnyOrder(name, last);
                    assertThat(sessions.close(last, 4501, "out")
                                    .toCompletableFuture()
                                    .join())
                            .isTrue();
                    assertThat(third.closeCode()).isEqualTo(4501);
                    third.bye(4501);
                    assertThat(notice(first.text())).isEqualTo(last + " disconnected");
                    assertThat(notice(stream.read())).isEqualTo(last + " disconnected");
                }
                sessions.send(other, "only you");
                assertThat(notice(stream.read())).isEqualTo("only you");
                sessions.broadcast(Room.LOBBY, "the lobby");
                assertThat(notice(first.text())).isEqualTo("the lobby");
            }
        });
    }

    private static String notice(String json) {
        assertThat(json).startsWith("{\"type\":\"notice\"");
        return field(json, "text");
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start);
        assertThat(from).as(start).isNotNegative();
        int to = text.indexOf(end, from + start.length());
        assertThat(to).as(end).isNotNegative();
        return text.substring(from + start.length(), to);
    }
}
