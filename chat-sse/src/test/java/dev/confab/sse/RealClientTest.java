package dev.confab.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.MessageId;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads streams with the HTTP client of the JDK, which has no support for event streams. */
class RealClientTest {
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    @Test
    void aClientReadsLiveEventsAndResumesAfterADisconnect() throws Exception {
        try (Server server = Server.start()) {
            MessageId seen;
            try (Stream<String> lines = http.send(request(server), HttpResponse.BodyHandlers.ofLines())
                    .body()) {
                Iterator<String> events = lines.iterator();
                assertThat(events.next()).startsWith("retry: ");
                assertThat(events.next()).isEmpty();
                assertThat(events.next()).startsWith("id: ");
                assertThat(events.next()).isEqualTo("event: hello");
                assertThat(events.next()).startsWith("data: {\"type\":\"hello\"");
                assertThat(events.next()).isEmpty();
                seen = server.publish("one");
                assertThat(events.next()).isEqualTo("id: " + seen);
                assertThat(events.next()).contains("\"body\":\"one\"");
            }
            server.publish("two");
            HttpRequest again = HttpRequest.newBuilder(request(server), (name, value) -> true)
                    .header("Last-Event-ID", seen.toString())
                    .build();
            try (Stream<String> lines =
                    http.send(again, HttpResponse.BodyHandlers.ofLines()).body()) {
                assertThat(lines.filter(line -> line.contains("\"type\":\"message\""))
                                .findFirst())
                        .hasValueSatisfying(line -> assertThat(line).contains("\"body\":\"two\""));
            }
        }
    }

    /** If the body were cut off, the client would throw an exception. */
    @Test
    void aDrainEndsTheBodyProperly() throws Exception {
        try (Server server = Server.start()) {
            try (InputStream body = http.send(request(server), HttpResponse.BodyHandlers.ofInputStream())
                    .body()) {
                assertThat(body.readNBytes(12)).isEqualTo("retry: 3000\n".getBytes(StandardCharsets.US_ASCII));
                server.handler().drain(Duration.ofSeconds(10));
                assertThat(new String(body.readAllBytes(), StandardCharsets.US_ASCII))
                        .endsWith("retry: 3000\n\n");
            }
        }
    }

    private static HttpRequest request(Server server) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/events"))
                .timeout(Duration.ofSeconds(10))
                .build();
    }
}
