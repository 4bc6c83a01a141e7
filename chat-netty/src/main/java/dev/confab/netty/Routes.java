package dev.confab.netty;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a server under one path prefix, to be mounted in any number of connections, on any Netty pipeline. Safe for
 * any thread.
 *
 * <pre>{@code
 * Routes routes = Routes.of(new PublishHandler(chat), new HealthHandler(chat)).under("/chat");
 * // for each connection:
 * channel.pipeline().addLast(new HttpServerCodec());
 * routes.addTo(channel.pipeline());
 * channel.pipeline().addLast(whateverServesTheOtherPaths);
 * }</pre>
 *
 * <p>Under the prefix an unknown path is answered 404, a known one with another method 405; other requests are passed on.
 * Requests of a connection are handled one at a time, so that answers keep their order.
 */
public final class Routes {
    private final String prefix;
    private final HttpConfig http;
    private final List<Endpoint> endpoints;
    private final List<Resource> resources;
    private final Origins origins;
    private volatile boolean draining;

    private Routes(String prefix, HttpConfig http, Origins origins, List<Endpoint> endpoints) {
        if (!prefix.isEmpty() && (!prefix.startsWith("/") || prefix.endsWith("/"))) {
            throw new IllegalArgumentException(
                    "prefix: " + prefix + " (expected: nothing, or /… without a / at its end)");
        }
        this.prefix = prefix;
        this.http = http;
        this.origins = origins;
        this.endpoints = endpoints;
        this.resources = Resource.of(prefix, endpoints);
    }

    /** Without a prefix, with {@link HttpConfig#defaults()}. */
    public static Routes of(Endpoint... endpoints) {
        return new Routes("", HttpConfig.defaults(), Origins.OWN, List.of(endpoints));
    }

    /**
     * Also lets pages of other origins use the endpoints, and read the answers. Without this, and for all that are not listed,
     * what a browser says comes from a page of another origin is answered 403 {@code forbidden_origin}.
     *
     * @param origins each as a browser sends it: scheme, host, and port unless it is the scheme's own, such as {@code
     *     https://chat.example}; {@code null} for pages without one, which are any sandboxed pages and local files. They take the
     *     place of those that were given before.
     * @throws IllegalArgumentException for what is no origin; {@code *} is none
     */
    public Routes allowing(Collection<String> origins) {
        return new Routes(prefix, http, Origins.of(origins), endpoints);
    }

    /** @param prefix such as {@code /chat}, or empty */
    public Routes under(String prefix) {
        return new Routes(prefix, http, origins, endpoints);
    }

    public Routes with(HttpConfig http) {
        return new Routes(prefix, http, origins, endpoints);
    }

    /**
     * Appends what serves the endpoints, behind an HTTP server codec (or request decoder and response encoder), with or
     * without an aggregator. What the codec bounds and times, it goes on to bound and time.
     */
    public void addTo(ChannelPipeline pipeline) {
        pipeline.addLast(new PipeliningHandler(http), new HttpConnection(this, null));
    }

    /** Appends the whole of HTTP, as {@link ChatServer} has it: an own decoder, bounds and deadlines. */
    public void addHttpTo(ChannelPipeline pipeline) {
        RequestDecoder decoder = new RequestDecoder(this);
        pipeline.addLast(decoder, new HttpConnection(this, decoder));
    }

    /** Lets the endpoints say that the server will go down soon. It serves as before. */
    public void announceDrain() {
        endpoints.forEach(Endpoint::announceDrain);
    }

    /**
     * From now on each answer is its connection's last, and the endpoints end what is parked or streaming.
     *
     * @return completes when they have
     */
    public CompletionStage<Void> drain(Duration time) {
        draining = true;
        return CompletableFuture.allOf(endpoints.stream()
                .map(endpoint -> endpoint.drain(time).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    boolean isDraining() {
        return draining;
    }

    Origins origins() {
        return origins;
    }

    HttpConfig http() {
        return http;
    }

    /** Whether a path is under the prefix. */
    boolean covers(String target, int pathStart) {
        int end = pathStart + prefix.length();
        return target.startsWith(prefix, pathStart)
                && (target.length() <= end || target.charAt(end) == '/' || target.charAt(end) == '?');
    }

    /** Hands the exchange to its endpoint, or answers that there is none. */
    void dispatch(Exchange exchange) {
        KnownHead repeated = exchange.request() instanceof KnownHead known ? known : null;
        Endpoint endpoint = repeated == null ? null : repeated.endpoint;
        if (endpoint == null) {
            endpoint = route(exchange);
            if (repeated != null && endpoint != null) {
                repeated.endpoint = endpoint;
            }
        }
        if (endpoint != null) {
            endpoint.handle(exchange);
        }
    }

    /** @return null when it was answered here */
    private @Nullable Endpoint route(Exchange exchange) {
        String target = exchange.request().uri();
        HttpMethod method = exchange.request().method();
        if (target.equals("*")) {
            exchange.answer(
                    Response.of(HttpResponseStatus.NO_CONTENT).with(HttpHeaderNames.ALLOW, "GET, HEAD, POST, OPTIONS"));
            return null;
        }
        Resource resource = find(target, RequestCheck.pathStart(target));
        if (resource == null) {
            throw HttpException.of(HttpReason.NOT_FOUND, "There is nothing at this path");
        }
        if (resource.isGuarded() && origins.refuses(exchange.request().headers())) {
            throw HttpException.of(HttpReason.FORBIDDEN_ORIGIN, "Pages of this origin may not use the server");
        }
        Endpoint endpoint = resource.find(method);
        if (endpoint != null) {
            return endpoint;
        }
        if (method.equals(HttpMethod.OPTIONS)) {
            exchange.answer(options(exchange, resource));
        } else {
            Problem problem = Problem.of(HttpReason.METHOD_NOT_ALLOWED, null, "This path does not support this method");
            exchange.answer(problem.toAnswer().with(HttpHeaderNames.ALLOW, resource.allow()));
        }
        return null;
    }

    private Response options(Exchange exchange, Resource resource) {
        Response answer = Response.of(HttpResponseStatus.NO_CONTENT).with(HttpHeaderNames.ALLOW, resource.allow());
        HttpHeaders asked = exchange.request().headers();
        if (asked.contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD) && origins.granted(asked) != null) {
            Origins.addPreflightTo(answer, resource.allow());
        }
        return answer;
    }

    private @Nullable Resource find(String target, int pathStart) {
        for (Resource resource : resources) {
            if (resource.is(target, pathStart)) {
                return resource;
            }
        }
        return null;
    }
}
