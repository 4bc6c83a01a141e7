package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Checks which headers the readers send. */
final class HeadsTest {
    private static final Address SERVER = new Address(false, "chat.example", 80, "/chat");

    @ParameterizedTest
    @EnumSource(Transport.class)
    void eachBrowserHasACookieOfItsOwn(Transport transport) {
        String one = Heads.BROWSER.of(transport, SERVER);
        String other = Heads.BROWSER.of(transport, SERVER);
        assertThat(one.lines())
                .contains("Host: chat.example:80")
                .anyMatch(line -> line.startsWith("User-Agent: Mozilla/5.0 "))
                .anyMatch(line -> line.matches("Cookie: session=[0-9a-f]{32}; theme=dark"));
        assertThat(one).endsWith("\r\n").isNotEqualTo(other);
        assertThat(withoutRandom(one)).isEqualTo(withoutRandom(other));
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void plainHeadersAreTheSameForEachReader(Transport transport) {
        assertThat(Heads.PLAIN.of(transport, SERVER))
                .startsWith("Host: chat.example:80\r\n")
                .doesNotContain("Cookie", "User-Agent")
                .isEqualTo(Heads.PLAIN.of(transport, SERVER));
    }

    @Test
    void allPollsOfAReaderHaveTheSameHeaders() {
        String headers = Heads.BROWSER.of(Transport.LONGPOLL, SERVER);
        Inbox inbox = new Inbox(new Tally(0), 0, 1, "r");
        EmbeddedChannel channel = new EmbeddedChannel(new PollReader(inbox, SERVER, headers, "r", "latest", true, 0));
        assertThat(request(channel))
                .isEqualTo("GET /chat/messages?room=r&wait=0&after=latest HTTP/1.1\r\n" + headers + "\r\n");
        String response = "HTTP/1.1 200 OK\r\nChat-Cursor: 01KAM3\r\nContent-Length: 2\r\n\r\n[]";
        channel.writeInbound(Unpooled.copiedBuffer(response, StandardCharsets.US_ASCII));
        assertThat(request(channel))
                .isEqualTo("GET /chat/messages?room=r&wait=50&after=01KAM3 HTTP/1.1\r\n" + headers + "\r\n");
        channel.finishAndReleaseAll();
    }

    private static String request(EmbeddedChannel channel) {
        ByteBuf request = channel.readOutbound();
        try {
            return request.toString(StandardCharsets.US_ASCII);
        } finally {
            request.release();
        }
    }

    private static String withoutRandom(String headers) {
        return headers.replaceAll("session=\\w+|Sec-WebSocket-Key: .*", "");
    }
}
