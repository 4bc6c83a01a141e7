package dev.confab.netty;

import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** A path and its endpoints, one for each method. Immutable; safe for any thread. */
final class Resource {
    /** The path, or null for every path. */
    private final @Nullable String path;

    private final List<Endpoint> endpoints;
    private final String allow;
    private final boolean guarded;

    private Resource(@Nullable String path, List<Endpoint> endpoints) {
        this.path = path;
        this.endpoints = endpoints;
        this.guarded = endpoints.stream().anyMatch(Endpoint::isGuarded);
        StringJoiner methods = new StringJoiner(", ");
        for (Endpoint endpoint : endpoints) {
            methods.add(endpoint.method().name());
            if (endpoint.servesHead()) {
                methods.add("HEAD");
            }
        }
        this.allow = methods.add("OPTIONS").toString();
    }

    /** Groups the endpoints by path, in the order in which the paths first occur. */
    static List<Resource> of(String prefix, List<Endpoint> endpoints) {
        List<Resource> resources = new ArrayList<>();
        endpoints.stream()
                .map(Endpoint::path)
                .distinct()
                .forEach(path -> resources.add(new Resource(
                        prefix + path,
                        endpoints.stream().filter(e -> e.path().equals(path)).toList())));
        return List.copyOf(resources);
    }

    /** Returns a resource with every path, whose endpoint serves every method. */
    static Resource everything(Endpoint endpoint) {
        return new Resource(null, List.of(endpoint));
    }

    /** Returns whether {@code target} is this path, with or without a query. */
    boolean is(String target, int pathStart) {
        if (path == null) {
            return true;
        }
        int end = pathStart + path.length();
        return target.startsWith(path, pathStart) && (target.length() == end || target.charAt(end) == '?');
    }

    @Nullable
    Endpoint find(HttpMethod method) {
        if (path == null) {
            return endpoints.get(0);
        }
        for (Endpoint endpoint : endpoints) {
            if (endpoint.method().equals(method) || (endpoint.servesHead() && method.equals(HttpMethod.HEAD))) {
                return endpoint;
            }
        }
        return null;
    }

    /** Returns whether pages of other origins are rejected, and clients must authenticate. */
    boolean isGuarded() {
        return guarded;
    }

    boolean has(Endpoint endpoint) {
        return endpoints.contains(endpoint);
    }

    /** Returns the value of the {@code Allow} header. */
    String allow() {
        return allow;
    }
}
