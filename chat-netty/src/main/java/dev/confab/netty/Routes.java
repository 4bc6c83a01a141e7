package dev.confab.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a server under one path prefix. They can be added to any number of connections, on any Netty
 * pipeline. Safe for any thread.
 *
 * <pre>{@code
 * Routes routes = Routes.of(new PublishHandler(chat), new HealthHandler(chat)).under("/chat");
 * // for each connection:
 * channel.pipeline().addLast(new HttpServerCodec());
 * routes.addTo(channel.pipeline());
 * channel.pipeline().addLast(whateverServesTheOtherPaths);
 * }</pre>
 *
 * <p>Under the prefix, the response to an unknown path is 404, and the response to a known path with another method is
 * 405. Requests for other paths are passed on. The requests of a connection are handled one at a time, so that the
 * responses keep their order.
 */
public final class Routes {
    private final String prefix;
    private final HttpConfig http;
    private final List<Endpoint> endpoints;
    private final List<Resource> resources;
    private final Origins origins;
    private final @Nullable Access access;
    private final Limits limits;
    private final AtomicBoolean draining;

    private Routes(
            String prefix,
            HttpConfig http,
            Origins origins,
            @Nullable Access access,
            Limits limits,
            List<Endpoint> endpoints) {
        this(prefix, http, origins, access, limits, endpoints, Resource.of(prefix, endpoints), new AtomicBoolean());
    }

    private Routes(
            String prefix,
            HttpConfig http,
            Origins origins,
            @Nullable Access access,
            Limits limits,
            List<Endpoint> endpoints,
            List<Resource> resources,
            AtomicBoolean draining) {
        if (!prefix.isEmpty() && (!prefix.startsWith("/") || prefix.endsWith("/"))) {
            throw new IllegalArgumentException(
                    "prefix: " + prefix + " (expected: nothing, or /… without a / at its end)");
        }
        this.prefix = prefix;
        this.http = http;
        this.origins = origins;
        this.access = access;
        this.limits = limits;
        this.endpoints = endpoints;
        this.resources = resources;
        this.draining = draining;
    }

    /** Creates routes without a prefix, with {@link HttpConfig#defaults()} and {@link LimitsConfig#defaults()}. */
    public static Routes of(Endpoint... endpoints) {
        return new Routes(
                "", HttpConfig.defaults(), Origins.OWN, null, new Limits(LimitsConfig.defaults()), List.of(endpoints));
    }

    /**
     * Also allows pages of other origins to use the endpoints and to read the responses. If a browser sends a request
     * from a page of any other foreign origin, the response is 403 {@code forbidden_origin}.
     *
     * @param origins the allowed origins, which replace those of an earlier call. Each is written as a browser sends
     *     it: scheme, host, and the port unless it is the scheme's default port, such as {@code https://chat.example}.
     *     The text {@code null} stands for pages without an origin, which are all sandboxed pages and local files.
     * @throws IllegalArgumentException if an element is not an origin; {@code *} is not an origin
     */
    public Routes allowing(Collection<String> origins) {
        return new Routes(prefix, http, this.origins.with(origins), access, limits, endpoints);
    }

    /**
     * Also allows pages of other origins, as {@link #allowing} does, and lets them send cookies: the responses have
     * {@code Access-Control-Allow-Credentials: true}. The endpoints do not see the cookies of other foreign origins,
     * which a browser sends with a form or the handshake of a WebSocket even if the server does not allow credentials.
     *
     * @param origins the origins, which replace those of an earlier call, and need not be allowed by {@link #allowing}
     *     too
     * @throws IllegalArgumentException if an element is not an origin; {@code *} and {@code null} are not origins here
     */
    public Routes allowingCredentials(Collection<String> origins) {
        return new Routes(prefix, http, this.origins.withCredentials(origins), access, limits, endpoints);
    }

    /** @param prefix such as {@code /chat}, or empty */
    public Routes under(String prefix) {
        return new Routes(prefix, http, origins, access, limits, endpoints);
    }

    public Routes with(HttpConfig http) {
        return new Routes(prefix, http, origins, access, limits, endpoints);
    }

    /**
     * Asks {@code access} about the client of each request to a {@linkplain Endpoint#isGuarded() guarded} endpoint, and
     * about what the client may do. The response is 401 {@code unauthenticated} or 403 {@code forbidden} if the client
     * is refused.
     */
    public Routes with(Access access) {
        return new Routes(prefix, http, origins, access, limits, endpoints);
    }

    /**
     * Replaces the limits for one client, which are {@link LimitsConfig#defaults()} before. All servers and pipelines
     * that use these routes count the connections and publishes of a client together.
     */
    public Routes with(LimitsConfig limits) {
        return new Routes(prefix, http, origins, access, new Limits(limits), endpoints);
    }

    /** Returns these routes for connections with TLS. They are drained together with these routes. */
    Routes secure() {
        return new Routes(prefix, http, origins.secure(), access, limits, endpoints, resources, draining);
    }

    /**
     * Returns routes that pass the requests of every path and method to one endpoint. They are drained together with
     * these routes.
     */
    Routes replacedBy(Endpoint endpoint) {
        return new Routes(
                "", http, Origins.OWN, null, limits, List.of(), List.of(Resource.everything(endpoint)), draining);
    }

    /**
     * Appends the two handlers that serve the endpoints: one keeps the order of pipelined requests, the other handles
     * them. The pipeline must already have an HTTP server codec, or a request decoder and a response encoder; an
     * aggregator is optional, and a handler for TLS is before the codec. The limits and timeouts of the codec stay in
     * effect.
     *
     * <p>A handler that rejects requests must not be before these two: its response would overtake the response to an
     * earlier request that waits. Put the check into an {@link Endpoint} around the endpoint instead.
     */
    public void addTo(ChannelPipeline pipeline) {
        pipeline.addLast(new PipeliningHandler(http), new HttpConnection(this, null, admit(pipeline.channel())));
    }

    /** Appends a complete HTTP server as {@link ChatServer} does, with our own decoder, limits and timeouts. */
    public void addHttpTo(ChannelPipeline pipeline) {
        addHttpTo(pipeline, admit(pipeline.channel()));
    }

    /** Does the same on a connection that was counted before. */
    void addHttpTo(ChannelPipeline pipeline, Admission admission) {
        RequestDecoder decoder = new RequestDecoder(this);
        pipeline.addLast(decoder, new HttpConnection(this, decoder, admission));
    }

    /** Counts a new connection for the limits of its client. Closes the connection if it is one of far too many. */
    Admission admit(Channel channel) {
        return new Admission(limits, channel);
    }

    /** Makes the endpoints announce that the server will shut down soon. The endpoints serve as before. */
    public void announceDrain() {
        endpoints.forEach(Endpoint::announceDrain);
    }

    /**
     * Drains the endpoints: from now on, each response is the last of its connection, and the endpoints end their
     * parked requests and streams.
     *
     * @return completes when all parked requests and streams have ended
     */
    public CompletionStage<Void> drain(Duration time) {
        draining.set(true);
        return CompletableFuture.allOf(endpoints.stream()
                .map(endpoint -> endpoint.drain(time).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    /** Returns the readers of all endpoints, one element for each transport. */
    public List<ReaderStats> readerStats() {
        Map<String, ReaderStats> all = new LinkedHashMap<>();
        for (Endpoint endpoint : endpoints) {
            ReaderStats stats = endpoint.readerStats();
            if (stats != null) {
                all.merge(stats.transport(), stats, ReaderStats::plus);
            }
        }
        return List.copyOf(all.values());
    }

    /** Returns the text form of the store to which messages are published; empty when the routes have no publishing. */
    String store() {
        return endpoints.stream()
                .filter(PublishHandler.class::isInstance)
                .map(endpoint -> ((PublishHandler) endpoint).chat().toString())
                .findFirst()
                .orElse("");
    }

    boolean isDraining() {
        return draining.get();
    }

    Origins origins() {
        return origins;
    }

    HttpConfig http() {
        return http;
    }

    /**
     * Returns whether a request is for these routes: its path is under the prefix. A request that is not valid HTTP is
     * for these routes, which reject it.
     */
    boolean cover(HttpRequest request) {
        String target = request.uri();
        int pathStart = RequestCheck.pathStart(target);
        return request.decoderResult().isFailure() || (pathStart >= 0 && covers(target, pathStart));
    }

    private boolean covers(String target, int pathStart) {
        int end = pathStart + prefix.length();
        return target.startsWith(prefix, pathStart)
                && (target.length() <= end || target.charAt(end) == '/' || target.charAt(end) == '?');
    }

    /** Passes the exchange to its endpoint, or responds with an error when there is none. */
    void dispatch(Exchange exchange) {
        Endpoint endpoint = route(exchange);
        if (endpoint != null) {
            if (exchange.request() instanceof CacheableRequest request) {
                request.keep(exchange.head().line(), endpoint);
            }
            enter(exchange, endpoint);
        }
    }

    /** Has the endpoint handle the exchange, if the client may reach the endpoint. */
    void enter(Exchange exchange, Endpoint endpoint) {
        if (access == null) {
            endpoint.handle(exchange);
        } else {
            admit(access, exchange, endpoint);
        }
    }

    private void admit(Access guard, Exchange exchange, Endpoint endpoint) {
        if (isGuarded(endpoint)) {
            guard.admit(exchange, endpoint);
        } else {
            endpoint.handle(exchange);
        }
    }

    private boolean isGuarded(Endpoint endpoint) {
        return endpoint.isGuarded() || resources.stream().anyMatch(path -> path.isGuarded() && path.has(endpoint));
    }

    /** @return null when this method has already responded */
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
