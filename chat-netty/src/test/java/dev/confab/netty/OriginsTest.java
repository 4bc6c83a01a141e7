package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginsTest {
    private static final Origins LISTED = Origins.OWN.with(List.of("https://app.example", "http://localhost:3000"));

    @ParameterizedTest
    @CsvSource({
        "http://chat.example, chat.example",
        "https://chat.example, chat.example",
        "https://chat.example, Chat.Example",
        "https://chat.example, chat.example:443",
        "http://chat.example, chat.example:80",
        "http://chat.example:80, chat.example",
        "https://chat.example:8443, chat.example:8443",
        "http://127.0.0.1:8080, 127.0.0.1:8080",
        "http://[::1]:8080, [::1]:8080",
        "http://[::1], [::1]",
        "http://chat.example, chat.example:"
    })
    void aPageOfTheSameHostAndPortIsNotForeign(String origin, String host) {
        assertThat(Origins.OWN.refuses(headers("origin", origin, "host", host))).isFalse();
        assertThat(LISTED.granted(headers("origin", origin, "host", host))).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "http://evil.example, chat.example",
        "http://chat.example.evil.example, chat.example",
        "http://evil.chat.example, chat.example",
        "http://chat.example., chat.example",
        "http://chat.example:8080, chat.example",
        "http://chat.example, chat.example:8080",
        "http://chat.example, chat.example:443",
        "https://chat.example, chat.example:80",
        "http://chat.example:x, chat.example",
        "http://chat.example:99999999999, chat.example",
        "http://chat.example/path, chat.example",
        "http://user@chat.example, chat.example",
        "http://evil.example http://chat.example, chat.example",
        "null, chat.example",
        "'', chat.example",
        "chat.example, chat.example",
        "ftp://chat.example, chat.example",
        "file://chat.example, chat.example",
        "chrome-extension://chat.example, chat.example",
        "http://, chat.example",
        "http://, ''",
        "http://localhost:8080, 127.0.0.1:8080",
        "http://[::1]:8080, [::2]:8080"
    })
    void anyOtherPageIsForeign(String origin, String host) {
        assertThat(Origins.OWN.refuses(headers("origin", origin, "host", host))).isTrue();
        assertThat(LISTED.refuses(headers("origin", origin, "host", host))).isTrue();
        assertThat(LISTED.granted(headers("origin", origin, "host", host))).isNull();
    }

    @Test
    void withoutAHostEveryPageIsForeign() {
        assertThat(Origins.OWN.refuses(headers("origin", "http://chat.example")))
                .isTrue();
    }

    @Test
    void headersOfAProxyAreIgnored() {
        assertThat(Origins.OWN.refuses(headers(
                        "origin", "https://evil.example",
                        "host", "chat.example",
                        "x-forwarded-host", "evil.example",
                        "forwarded", "host=evil.example",
                        "sec-fetch-site", "same-origin")))
                .isTrue();
    }

    @Test
    void twoOriginHeadersAreRefused() {
        HttpHeaders headers =
                headers("origin", "https://app.example", "origin", "https://app.example", "host", "app.example");
        assertThat(LISTED.refuses(headers)).isTrue();
    }

    @Test
    void aListedOriginIsGranted() {
        HttpHeaders headers =
                headers("origin", "https://app.example", "host", "chat.example", "sec-fetch-site", "cross-site");
        assertThat(LISTED.refuses(headers)).isFalse();
        assertThat(LISTED.granted(headers)).isEqualTo("https://app.example");
        assertThat(Origins.OWN.refuses(headers)).isTrue();
        assertThat(Origins.OWN.granted(headers)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://app.example",
                "https://app.example:444",
                "https://app.example.evil.example",
                "https://evil-app.example",
                "https://sub.app.example",
                "http://localhost",
                "http://localhost:30000",
                "HTTPS://APP.EXAMPLE",
                "https://app.example/"
            })
    void anOriginThatOnlyResemblesAListedOneIsRefused(String origin) {
        assertThat(LISTED.refuses(headers("origin", origin, "host", "chat.example")))
                .isTrue();
        assertThat(LISTED.granted(headers("origin", origin, "host", "chat.example")))
                .isNull();
    }

    @Test
    void theOriginNullIsForeignUnlessListed() {
        HttpHeaders headers = headers("origin", "null", "host", "chat.example");
        assertThat(LISTED.refuses(headers)).isTrue();
        Origins listed = Origins.OWN.with(List.of("null"));
        assertThat(listed.refuses(headers)).isFalse();
        assertThat(listed.granted(headers)).isEqualTo("null");
    }

    @ParameterizedTest
    @CsvSource({"same-origin, false", "none, false", "same-site, true", "cross-site, true", "'', true", "new, true"})
    void withoutAnOriginTheSecFetchSiteHeaderDecides(String site, boolean refused) {
        assertThat(Origins.OWN.refuses(headers("host", "chat.example", "sec-fetch-site", site)))
                .isEqualTo(refused);
        assertThat(LISTED.refuses(headers("host", "chat.example", "sec-fetch-site", site)))
                .isEqualTo(refused);
    }

    @Test
    void requestsOfClientsThatAreNotBrowsersPass() {
        assertThat(Origins.OWN.refuses(headers("host", "chat.example"))).isFalse();
        assertThat(Origins.OWN.refuses(headers())).isFalse();
    }

    @Test
    void upperCaseAndDefaultPortsAreAllowedInTheList() {
        Origins listed = Origins.OWN.with(List.of("HTTPS://App.Example:443", "http://localhost:80"));
        assertThat(listed.granted(headers("origin", "https://app.example"))).isEqualTo("https://app.example");
        assertThat(listed.granted(headers("origin", "http://localhost"))).isEqualTo("http://localhost");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*",
                "",
                "app.example",
                "https://app.example/",
                "https://*.app.example",
                "https://",
                "a://b c",
                "x://\r\ny"
            })
    void textThatIsNotAnOriginCannotBeListed(String origin) {
        assertThatThrownBy(() -> Origins.OWN.with(List.of(origin)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("allowed origin: " + origin.replaceAll("[\r\n]", "?")
                        + " (expected: https://host or https://host:port, nothing after it)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "null", "NULL", "https://*.app.example", "https://app.example/", ""})
    void textThatIsNotOneOriginCannotGetCredentials(String origin) {
        assertThatThrownBy(() -> Origins.OWN.withCredentials(List.of(origin)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("origin with credentials: " + origin.replace("NULL", "null")
                        + " (expected: https://host or https://host:port, nothing after it)");
    }

    @Test
    void anOriginWithCredentialsIsAllowed() {
        Origins origins = LISTED.withCredentials(List.of("https://bank.example"));
        for (String origin : List.of("https://bank.example", "https://app.example")) {
            HttpHeaders headers = headers("origin", origin, "host", "chat.example");
            assertThat(origins.refuses(headers)).isFalse();
            assertThat(origins.granted(headers)).isEqualTo(origin);
        }
    }

    @Test
    void aLaterListReplacesOnlyTheListOfItsKind() {
        Origins origins = LISTED.withCredentials(List.of("https://old.example"))
                .withCredentials(List.of("https://bank.example"))
                .with(List.of("https://new.example"));
        assertThat(origins.granted(headers("origin", "https://bank.example"))).isNotNull();
        assertThat(origins.granted(headers("origin", "https://new.example"))).isNotNull();
        assertThat(origins.granted(headers("origin", "https://old.example"))).isNull();
        assertThat(origins.granted(headers("origin", "https://app.example"))).isNull();
    }

    private static HttpHeaders headers(String... namesAndValues) {
        HttpHeaders headers = new DefaultHttpHeaders();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }
}
