package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the files that the server serves to a browser, without a browser. */
final class PageTest {
    private static final Pattern LOADED = Pattern.compile("(?:href|src)=\"((?:assets/|confab)[^\"]+)\"|from '([^']+)'");

    private static Node node;
    private static DirectClient direct;

    @BeforeAll
    static void start() {
        node = Node.start(NodeConfig.inMemory());
        direct = new DirectClient(node.port());
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html; charset=utf-8",
        "/compare, text/html; charset=utf-8",
        "/pubsub, text/html; charset=utf-8",
        "/confab.js, text/javascript; charset=utf-8",
        "/confab.d.ts, text/plain; charset=utf-8",
        "/assets/base.css, text/css; charset=utf-8",
        "/assets/icon.svg, image/svg+xml",
        "/assets/vendor/chart.js, text/javascript; charset=utf-8",
    })
    void filesAreServedWithTheirTypeAndPolicies(String path, String type) {
        HttpResponse<String> response = direct.get(path);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains(type);
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(response.headers().firstValue("Referrer-Policy")).contains("no-referrer");
        assertThat(response.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy ->
                        assertThat(policy).contains("default-src 'none'").doesNotContain("unsafe"));
    }

    @Test
    void everyFileOfThePageIsServed() throws IOException, URISyntaxException {
        Path web = Path.of(
                Objects.requireNonNull(PageTest.class.getResource("/web")).toURI());
        try (Stream<Path> files = Files.list(web)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".html"))
                    .toList();
            assertThat(names)
                    .isNotEmpty()
                    .allSatisfy(name -> assertThat(direct.get("/assets/" + name).statusCode())
                            .as(name)
                            .isEqualTo(200));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/compare"})
    void theFirstLoadIsSmall(String page) {
        assertThat(load(page)).isLessThan(200_000);
    }

    @Test
    void aClientThatAcceptsGzipGetsTheSameFile() throws IOException {
        HttpResponse<byte[]> zipped = direct.getZipped("/assets/chat.js");
        assertThat(zipped.headers().firstValue("Content-Encoding")).contains("gzip");
        assertThat(zipped.headers().firstValue("Vary")).contains("Accept-Encoding");
        byte[] content = new GZIPInputStream(new ByteArrayInputStream(zipped.body())).readAllBytes();
        HttpResponse<String> plain = direct.get("/assets/chat.js");
        assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
        assertThat(new String(content, StandardCharsets.UTF_8)).isEqualTo(plain.body());
    }

    @Test
    void pagesContainNoInlineCodeThatThePolicyWouldRefuse() {
        for (String page : List.of("/", "/compare", "/pubsub")) {
            assertThat(direct.get(page).body())
                    .doesNotContainPattern("<script(?![^>]*src=)")
                    .doesNotContain("<style", " style=", " onclick=", "javascript:")
                    .doesNotContainPattern("https?://(?!localhost)");
        }
    }

    /** Returns the number of bytes that a browser loads for a page and for all files that it links to or imports. */
    private static long load(String start) {
        List<String> paths = new ArrayList<>(List.of(start));
        long bytes = 0;
        for (int i = 0; i < paths.size(); i++) {
            HttpResponse<String> response = direct.get(paths.get(i));
            assertThat(response.statusCode()).as(paths.get(i)).isEqualTo(200);
            bytes += direct.getZipped(paths.get(i)).body().length;
            Matcher link = LOADED.matcher(response.body());
            while (link.find()) {
                String to = response.uri()
                        .resolve(link.group(1) != null ? link.group(1) : link.group(2))
                        .getPath();
                if (!paths.contains(to)) {
                    paths.add(to);
                }
            }
        }
        assertThat(paths).contains("/confab.js", "/assets/base.css").hasSizeGreaterThan(6);
        return bytes;
    }
}
