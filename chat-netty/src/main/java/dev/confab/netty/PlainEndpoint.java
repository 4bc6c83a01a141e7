package dev.confab.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/** Responds to requests that arrive without TLS at a server that does not serve them so. */
final class PlainEndpoint implements Endpoint {
    private static final int DEFAULT_PORT = 443;

    /** Refuses all requests. */
    static final PlainEndpoint REFUSING = new PlainEndpoint(0);

    /** The port to which requests are redirected; 0 to refuse the requests. */
    private final int port;

    private PlainEndpoint(int port) {
        this.port = port;
    }

    static PlainEndpoint redirectingTo(int port) {
        return new PlainEndpoint(port);
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return "";
    }

    @Override
    public boolean isGuarded() {
        return false;
    }

    @Override
    public void handle(Exchange exchange) {
        if (port == 0) {
            throw HttpException.of(HttpReason.TLS_REQUIRED, "This server requires TLS: use https");
        }
        exchange.answer(Response.of(HttpResponseStatus.PERMANENT_REDIRECT)
                .with(HttpHeaderNames.LOCATION, location(exchange.request())));
    }

    private String location(HttpRequest request) {
        @Nullable String host = request.headers().get(HttpHeaderNames.HOST);
        String name = host == null ? "" : Origins.name(host);
        if (name.isEmpty()) {
            throw RequestCheck.bad("There is no host in the Host header");
        }
        String target = request.uri();
        String path = target.substring(RequestCheck.pathStart(target));
        return "https://" + name + (port == DEFAULT_PORT ? "" : ":" + port) + (path.startsWith("/") ? "" : "/") + path;
    }
}
