package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PublishHandlerTest {
    private ServerFixture fixture;
    private RawHttp client;

    @BeforeEach
    void start() {
        fixture = new ServerFixture();
        client = fixture.connect();
    }

    @AfterEach
    void stop() {
        client.close();
        fixture.close();
    }

    @Test
    void theResponseIsTheStoredMessage() {
        RawHttp.Response response = client.post(
                        "/messages?room=den",
                        "application/json",
                        "{\"body\":\"grüß\",\"nick\":\"ann\",\"mood\":[1,{}]}")
                .read();

        assertThat(response.statusLine()).isEqualTo("HTTP/1.1 201 Created");
        assertThat(response.headers())
                .containsExactly(
                        "content-type: application/json",
                        "date: " + response.header("date"),
                        "cache-control: no-store",
                        "x-content-type-options: nosniff",
                        "content-length: " + response.body().getBytes(StandardCharsets.UTF_8).length);
        assertThat(response.body()).isEqualTo(stored("den"));
        assertThat(response.body()).contains("\"room\":\"den\"", "\"nick\":\"ann\"", "\"body\":\"grüß\"");
    }

    @Test
    void theDefaultRoomIsTheLobby() {
        assertThat(client.post("/messages", "application/json", "{\"body\":\"x\"}")
                        .read()
                        .body())
                .isEqualTo(stored("lobby"))
                .doesNotContain("nick");
    }

    @Test
    void aFormIsAccepted() {
        RawHttp.Response response = client.post(
                        "/messages?room=den", "application/x-www-form-urlencoded", "nick=a%C3%BC+b&body=1%2B1=2+ü&&x")
                .read();

        assertThat(response.status()).isEqualTo(201);
        assertThat(response.body()).contains("\"nick\":\"aü b\"", "\"body\":\"1+1=2 ü\"");
    }

    @Test
    void theIdInTheResponseIsAUuidIfTheClientAsksForIt() {
        RawHttp.Response response = client.post("/messages?ids=uuid", "application/json", "{\"body\":\"x\"}")
                .read();

        assertThat(response.status()).isEqualTo(201);
        assertThat(response.body())
                .contains("\"id\":\"" + fixture.store.lastId().toUuid() + "\"");
    }

    @Test
    void aMultipartFormIsAccepted() {
        String form = """
                --a b\r
                Content-Disposition: form-data; name="nick"\r
                \r
                aü b\r
                --a b\r
                Content-Disposition: form-data; name="body"\r
                Content-Type: text/plain; charset=utf-8\r
                \r
                1+1=2 %C3
                ü\r
                --a b\r
                Content-Disposition: form-data; name="key"\r
                \r
                \r
                --a b--\r
                """;
        RawHttp.Response response = client.post("/messages?room=den", "multipart/form-data; boundary=\"a b\"", form)
                .read();

        assertThat(response.status()).as(response.body()).isEqualTo(201);
        assertThat(response.body()).contains("\"nick\":\"aü b\"", "\"body\":\"1+1=2 %C3\\nü\"");
    }

    @Test
    void theLargestMultipartFormIsAccepted() {
        String start = "--b\r\nContent-Disposition: form-data; name=\"";
        String text = start + "body\"\r\n\r\n" + "ü".repeat(5_000) + "\r\n";
        String rest = start + "other\"\r\n\r\n";
        String end = "\r\n--b--";
        int free = (64 << 10) - (text + rest + end).getBytes(StandardCharsets.UTF_8).length;

        RawHttp.Response response = client.post(
                        "/messages", "multipart/form-data; boundary=b", text + rest + "x".repeat(free) + end)
                .read();

        assertThat(response.status()).as(response.body()).isEqualTo(201);
    }

    /** Many clients, such as {@code curl -d}, send the type of a form unless they are told another type. */
    @Test
    void jsonWithTheTypeOfAFormIsAccepted() {
        for (String json : new String[] {"{\"body\":\"a=b&c\",\"nick\":\"ann\"}", " \r\n\t{\"body\":\"a=b&c\"}"}) {
            RawHttp.Response response = client.post("/messages", "application/x-www-form-urlencoded", json)
                    .read();

            assertThat(response.status()).as(response.body()).isEqualTo(201);
            assertThat(response.body()).contains("\"body\":\"a=b&c\"");
        }
    }

    /** Browsers encode a brace, so a field of a form may have a name that begins with a brace. */
    @Test
    void aFormWhoseFirstFieldBeginsWithABraceIsAccepted() {
        assertThat(client.post("/messages", "application/x-www-form-urlencoded", "%7Bx%7D=1&body=hi")
                        .read()
                        .body())
                .contains("\"body\":\"hi\"");
    }

    @Test
    void jsonWithTheTypeOfAFormIsRefusedFromAForeignPage() {
        MessageId before = fixture.store.lastId();
        client.send("POST /messages HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\n{\"body\":\"x\"}");

        assertThat(client.read().status()).isEqualTo(403);
        assertThat(fixture.store.lastId()).isEqualTo(before);
    }

    @Test
    void jsonWithoutAContentTypeIsAccepted() {
        client.send("POST /messages HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{\"body\":\"x\"}");

        assertThat(client.read().status()).isEqualTo(201);
    }

    @Test
    void equivalentContentTypesAreAccepted() {
        for (String type :
                new String[] {"Application/JSON", "application/json; charset=UTF-8", "application/json;q=1"}) {
            assertThat(client.post("/messages", type, "{\"body\":\"x\"}").read().status())
                    .as(type)
                    .isEqualTo(201);
        }
    }

    @Test
    void aNullFieldIsTreatedAsMissing() {
        RawHttp.Response response = client.post(
                        "/messages", "application/json", "{\"nick\":null,\"body\":\"x\",\"key\":null}")
                .read();

        assertThat(response.status()).isEqualTo(201);
        assertThat(response.body()).doesNotContain("nick");
    }

    /** A browser also sends the empty fields of a form. */
    @Test
    void emptyOptionalFieldsAreTreatedAsMissing() {
        for (String[] form : new String[][] {
            {"application/x-www-form-urlencoded", "body=hi&nick=&key="},
            {"application/json", "{\"body\":\"hi\",\"nick\":\"\",\"key\":\"\"}"},
            {
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=body\r\n\r\nhi\r\n"
                        + "--b\r\nContent-Disposition: form-data; name=nick\r\n\r\n\r\n--b--"
            }
        }) {
            RawHttp.Response first =
                    client.post("/messages?room=", form[0], form[1]).read();
            RawHttp.Response second =
                    client.post("/messages?room=", form[0], form[1]).read();

            assertThat(first.status()).as(first.body()).isEqualTo(201);
            assertThat(first.body()).contains("\"room\":\"lobby\",\"body\":\"hi\"");
            assertThat(second.status()).isEqualTo(201);
        }
    }

    @Test
    void anEmptyBodyIsRefused() {
        for (String[] form : new String[][] {
            {"application/x-www-form-urlencoded", "body=&nick=a"}, {"application/json", "{\"body\":\"\"}"}
        }) {
            RawHttp.Response refused =
                    client.post("/messages", form[0], form[1]).read();

            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.body()).contains("\"code\":\"invalid_body\"");
        }
    }

    /** A message without its author, or in an unintended room, would be worse than a refused message. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /messages?nick=ann       | application/json                  | {"body":"x"}               | nick
            /messages?key=k1         | application/json                  | {"body":"x"}               | key
            /messages?body=y         | application/json                  | {"body":"x"}               | body
            /messages                | application/json                  | {"body":"x","room":"den"}  | room
            /messages?room=den       | application/json                  | {"room":"den","body":"x"}  | room
            /messages                | application/json                  | {"room":{"a":1},"body":"x"}| room
            /messages?nick=ann       | application/x-www-form-urlencoded | body=x                     | nick
            /messages?key=k1         | application/x-www-form-urlencoded | body=x                     | key
            /messages?body=y         | application/x-www-form-urlencoded | body=x                     | body
            /messages                | application/x-www-form-urlencoded | body=x&room=den            | room
            /messages                | application/x-www-form-urlencoded | room=a&room=b&body=x       | room
            """)
    void aFieldInTheWrongPlaceIsRefused(String target, String type, String body, String field) {
        MessageId before = fixture.store.lastId();
        RawHttp.Response response = client.post(target, type, body).read();
        assertThat(response.status()).as(response.body()).isEqualTo(400);
        assertThat(response.header("content-type")).isEqualTo("application/problem+json");
        String hint = field.equals("room")
                ? "is a field of the body (expected: a parameter of the query, as in /messages?room=lobby)"
                : "is a parameter of the query (expected: a field of the JSON object or form in the request's body)";
        assertThat(response.body())
                .contains("\"code\":\"invalid_parameter\"", "\"field\":\"" + field + "\"", field + ": " + hint);
        assertThat(fixture.store.lastId()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /messages?nick=&key=&body=&other=1 | application/json                  | {"body":"x","room":"","other":[1]}
            /messages?nick=                    | application/json                  | {"room":null,"body":"x"}
            /messages?nick=&other=1            | application/x-www-form-urlencoded | body=x&room=&other=1
            """)
    void anEmptyFieldInTheWrongPlaceAndUnknownFieldsAreIgnored(String target, String type, String body) {
        assertThat(client.post(target, type, body).read().body()).isEqualTo(stored("lobby"));
    }

    @Test
    void aKnownKeyReturnsTheStoredMessage() {
        String json = "{\"body\":\"x\",\"key\":\"k1\"}";

        RawHttp.Response first =
                client.post("/messages", "application/json", json).read();
        RawHttp.Response second =
                client.post("/messages", "application/json", json).read();

        assertThat(first.status()).isEqualTo(201);
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.body()).isEqualTo(first.body());
    }

    @Test
    void aKnownKeyWithAnotherBodyIsAConflict() {
        client.post("/messages", "application/json", "{\"body\":\"x\",\"key\":\"k1\"}")
                .read();

        RawHttp.Response response = client.post("/messages", "application/json", "{\"body\":\"y\",\"key\":\"k1\"}")
                .read();

        assertThat(response.status()).isEqualTo(409);
        assertThat(response.body()).contains("\"code\":\"key_conflict\"");
    }

    @Test
    void theLargestBodyIsAccepted() {
        String body = "ü".repeat(5_000);

        assertThat(client.post("/messages", "application/json", "{\"body\":\"" + body + "\"}")
                        .read()
                        .status())
                .isEqualTo(201);
        assertThat(client.post("/messages", "application/x-www-form-urlencoded", "body=" + "%C3%BC".repeat(5_000))
                        .read()
                        .status())
                .isEqualTo(201);
    }

    @Test
    void aPublishToAClosedServiceIsRefused() {
        fixture.chat.close();

        RawHttp.Response response =
                client.post("/messages", "application/json", "{\"body\":\"x\"}").read();

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.header("retry-after")).isEqualTo("1");
        assertThat(response.body()).contains("\"code\":\"draining\"");
    }

    private String stored(String room) {
        byte[] json = fixture.chat
                .before(RoomSet.of(new Room(room)), MessageId.MAX, Limit.PAGE)
                .join()
                .entries()
                .get(0)
                .json();
        return new String(json, StandardCharsets.UTF_8);
    }
}
