package dev.confab.demo;

import dev.confab.netty.Endpoint;
import dev.confab.netty.Exchange;
import dev.confab.netty.Response;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/**
 * Serves one file of the page, which is read from the class path and held in memory. Like all responses, the file is
 * sent with {@code no-store}, so that no browser mixes old modules with new ones after an upgrade of the server. Safe
 * for any thread.
 */
final class PageHandler implements Endpoint {
    /**
     * Allows only scripts, styles and connections of this origin, and nothing inline, so that injected markup has no
     * effect.
     */
    static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /** The files below {@code web/} on the class path, which are served below {@code /assets/}. */
    private static final List<String> ASSETS = List.of(
            "base.css",
            "chat.css",
            "chat.js",
            "charts.js",
            "compare.css",
            "compare.js",
            "composer.js",
            "dom.js",
            "icon.svg",
            "latency.js",
            "log.js",
            "pane.js",
            "people.js",
            "pubsub.css",
            "pubsub.js",
            "rows.js",
            "token.js");

    private static final String CHART =
            "/META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js"; // chart.js.version of the parent POM

    /** The folder of the browser client in the WebJar of the module confab-client. */
    private static final String CLIENT = "/META-INF/resources/webjars/confab-client/" + Version.number() + "/";

    private final String path;
    private final String contentType;
    private final byte[] content;
    private final byte[] zipped;

    private PageHandler(String path, String resource) {
        this.path = path;
        this.contentType = contentType(resource);
        this.content = read(resource);
        this.zipped = zip(content);
    }

    /**
     * Returns the handlers of all files that a browser loads.
     *
     * @throws IllegalStateException when a file is not on the class path
     */
    static List<Endpoint> all() {
        List<Endpoint> files = new ArrayList<>();
        files.add(new PageHandler("/", "/web/index.html"));
        files.add(new PageHandler("/compare", "/web/compare.html"));
        files.add(new PageHandler("/pubsub", "/web/pubsub.html"));
        files.add(new PageHandler("/confab.js", CLIENT + "confab.js"));
        files.add(new PageHandler("/confab.d.ts", CLIENT + "confab.d.ts"));
        for (String asset : ASSETS) {
            files.add(new PageHandler("/assets/" + asset, "/web/" + asset));
        }
        files.add(new PageHandler("/assets/vendor/chart.js", CHART));
        return files;
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public boolean servesHead() {
        return true;
    }

    /** Returns false, because a link from any origin may open the page. */
    @Override
    public boolean isGuarded() {
        return false;
    }

    @Override
    public void handle(Exchange exchange) {
        boolean isZipped = exchange.request()
                .headers()
                .containsValue(HttpHeaderNames.ACCEPT_ENCODING, HttpHeaderValues.GZIP, true);
        Response answer = Response.of(
                        HttpResponseStatus.OK, contentType, Unpooled.wrappedBuffer(isZipped ? zipped : content))
                .with("Vary", "Accept-Encoding")
                .with("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                .with("Referrer-Policy", "no-referrer");
        exchange.answer(isZipped ? answer.with(HttpHeaderNames.CONTENT_ENCODING, "gzip") : answer);
    }

    private static String contentType(String resource) {
        return switch (resource.substring(resource.lastIndexOf('.'))) {
            case ".html" -> "text/html; charset=utf-8";
            case ".js" -> "text/javascript; charset=utf-8";
            case ".css" -> "text/css; charset=utf-8";
            case ".svg" -> "image/svg+xml";
            default -> "text/plain; charset=utf-8";
        };
    }

    private static byte[] zip(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] read(String resource) {
        try (InputStream in = PageHandler.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("Not on the class path: " + resource);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
