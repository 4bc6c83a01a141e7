package dev.confab.netty;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The pages that may use a server: those it served itself, and those of origins that are listed. A browser says which page a
 * request comes from, and does not let the page change that; what is no browser says nothing and may pass. Immutable.
 *
 * <p>Own is a page whose host and port are those of the {@code Host} header. The scheme does not count: behind a proxy that ends
 * TLS it is another. What a proxy says of itself ({@code X-Forwarded-Host}) does not either: anyone can say it.
 */
final class Origins {
    static final Origins OWN = new Origins(Set.of());

    private static final Pattern ORIGIN = Pattern.compile("null|[a-z][a-z0-9+.-]*://[a-z0-9._~:\\[\\]-]+");
    private static final Pattern DEFAULT_PORT = Pattern.compile("^(http://.*):80$|^(https://.*):443$");
    private static final String SEC_FETCH_SITE = "sec-fetch-site";
    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private static final String EXPOSED_HEADERS = "Chat-Cursor, Retry-After";

    /** The last two are sent by clients that read event streams with {@code fetch} or {@code XMLHttpRequest}. */
    private static final String ALLOWED_HEADERS = "Content-Type, Last-Event-ID, Cache-Control, X-Requested-With";

    /** In seconds; two hours are as long as Chromium remembers it. */
    private static final String PREFLIGHT_MAX_AGE = "7200";

    private final Set<String> listed;

    private Origins(Set<String> listed) {
        this.listed = listed;
    }

    /**
     * The own and these.
     *
     * @param listed such as {@code https://chat.example:8443}, or {@code null} for pages that have no origin
     * @throws IllegalArgumentException for what is no origin; {@code *} is none
     */
    static Origins of(Collection<String> listed) {
        Set<String> origins = new TreeSet<>();
        for (String origin : listed) {
            String sent = origin.toLowerCase(Locale.ROOT);
            if (!ORIGIN.matcher(sent).matches()) {
                throw new IllegalArgumentException(Problem.detail(
                        "allowed origin", origin, "https://host or https://host:port, nothing after it"));
            }
            origins.add(DEFAULT_PORT.matcher(sent).replaceFirst("$1$2"));
        }
        return new Origins(Set.copyOf(origins));
    }

    /** Whether a browser says that the request comes from a page that may not use the server. */
    boolean refuses(HttpHeaders headers) {
        List<String> origins = headers.getAll(HttpHeaderNames.ORIGIN);
        if (origins.isEmpty()) {
            // Left out of a GET by the own pages, but also by another's image or link.
            return !OWN_SITES.containsAll(headers.getAll(SEC_FETCH_SITE));
        }
        String origin = origins.get(0);
        return origins.size() > 1 || !(listed.contains(origin) || isOwn(origin, headers.get(HttpHeaderNames.HOST)));
    }

    /** The listed origin that a request comes from, to be told that it may read the answer; null for all others. */
    @Nullable
    String granted(HttpHeaders headers) {
        if (listed.isEmpty()) {
            return null;
        }
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        return origin != null && listed.contains(origin) ? origin : null;
    }

    /**
     * Adds what a browser needs to hand the answer to the page.
     *
     * @param granted what {@link #granted} said
     */
    void addTo(Response answer, @Nullable String granted) {
        if (granted != null) {
            answer.with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, granted)
                    .with(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
        }
        if (!listed.isEmpty()) {
            // Also when none was granted: a cache must not give this answer to a page that would be granted.
            answer.with(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
        }
    }

    /**
     * Adds what a browser that asks beforehand is to know.
     *
     * @param methods those of the path
     */
    static void addPreflightTo(Response answer, String methods) {
        answer.with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, methods)
                .with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS)
                .with(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE);
    }

    private static boolean isOwn(String origin, @Nullable String host) {
        int defaultPort = origin.startsWith("https://") ? 443 : origin.startsWith("http://") ? 80 : -1;
        if (host == null || host.isEmpty() || defaultPort < 0) {
            return false;
        }
        String authority = origin.substring(origin.indexOf("//") + 2);
        int port = port(authority, defaultPort);
        return port >= 0 && port == port(host, defaultPort) && name(authority).equalsIgnoreCase(name(host));
    }

    private static String name(String authority) {
        return authority.substring(0, colon(authority));
    }

    /** @return negative when it is none */
    private static int port(String authority, int byDefault) {
        String digits = authority.substring(Math.min(colon(authority) + 1, authority.length()));
        if (digits.isEmpty()) {
            return byDefault;
        }
        return digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : -1;
    }

    /** Where the port begins, or the end. */
    private static int colon(String authority) {
        int colon = authority.lastIndexOf(':');
        // Those between brackets belong to an IPv6 address.
        return colon > authority.lastIndexOf(']') ? colon : authority.length();
    }
}
