package dev.confab.netty;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The first line of a request. The query is parsed when it is first needed. Confined to the event loop. */
final class RequestLine {
    private final HttpMethod method;
    private final String target;
    private final HttpVersion version;
    private @Nullable Query query;
    private @Nullable Object parsed;

    RequestLine(HttpRequest request) {
        this.method = request.method();
        this.target = request.uri();
        this.version = request.protocolVersion();
    }

    HttpMethod method() {
        return method;
    }

    String target() {
        return target;
    }

    HttpVersion version() {
        return version;
    }

    boolean isHeadRequest() {
        return method.equals(HttpMethod.HEAD);
    }

    boolean isSafe() {
        return isHeadRequest() || method.equals(HttpMethod.GET);
    }

    boolean isHttp11() {
        return version.equals(HttpVersion.HTTP_1_1);
    }

    Query query() {
        Query known = query;
        if (known == null) {
            known = Query.of(target);
            query = known;
        }
        return known;
    }

    /** Parses the query, or returns the result of an earlier call, if that result has this type. */
    <T> T parsed(Class<T> type, Function<? super Query, ? extends T> parser) {
        if (type.isInstance(parsed)) {
            return type.cast(parsed);
        }
        T made = parser.apply(query());
        parsed = made;
        // The result replaces the query, which may use much more memory and is rarely needed again.
        query = null;
        return made;
    }
}
