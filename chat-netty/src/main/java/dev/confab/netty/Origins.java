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
 * The web pages that may use a server: the server's own pages, and pages of the listed origins. A browser sends the
 * origin of the page with a request, and the page cannot change it. A client that is not a browser sends no origin and
 * is accepted. Immutable.
 *
 * <p>Pages of some of the listed origins may also send cookies. A browser sends its user's cookies with a form and with
 * the handshake of a WebSocket even if the server does not allow credentials. So the cookies in the requests of all
 * other listed origins are removed here: no handler may mistake such a request for a wish of the user.
 *
 * <p>A page is the server's own if its host and port are those of the {@code Host} header. On a connection with TLS,
 * the page must also have been loaded over https. On a plain connection the scheme is not compared, because it differs
 * behind a proxy that terminates TLS. The header {@code X-Forwarded-Host} of a proxy is ignored, because any client can
 * send it.
 */
final class Origins {
    static final Origins OWN = new Origins(Set.of(), Set.of(), false);

    private static final Pattern ORIGIN = Pattern.compile("null|[a-z][a-z0-9+.-]*://[a-z0-9._~:\\[\\]-]+");
    private static final Pattern DEFAULT_PORT = Pattern.compile("^(http://.*):80$|^(https://.*):443$");
    private static final String SEC_FETCH_SITE = "sec-fetch-site";
    private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

    private static final String EXPOSED_HEADERS = "Chat-Cursor, Retry-After";

    /**
     * A page may send its token in {@code Authorization}. Clients that read event streams with {@code fetch} or
     * {@code XMLHttpRequest} send the last two.
     */
    private static final String ALLOWED_HEADERS =
            "Authorization, Content-Type, Last-Event-ID, Cache-Control, X-Requested-With";

    /** In seconds. Two hours is the longest time for which Chromium keeps the result of a preflight request. */
    private static final String PREFLIGHT_MAX_AGE = "7200";

    private final Set<String> listed;
    private final boolean isSecure;

    /** The origins whose pages may also send cookies. They are allowed even if they are not in {@link #listed}. */
    private final Set<String> credentialed;

    private Origins(Set<String> listed, Set<String> credentialed, boolean isSecure) {
        this.listed = listed;
        this.credentialed = credentialed;
        this.isSecure = isSecure;
    }

    /**
     * Returns these origins with another list.
     *
     * @param origins such as {@code https://chat.example:8443}; the text {@code null} stands for pages that have no
     *     origin
     * @throws IllegalArgumentException if an element is not an origin; {@code *} is not an origin
     */
    Origins with(Collection<String> origins) {
        return new Origins(parse("allowed origin", origins), credentialed, isSecure);
    }

    /**
     * Returns these origins with another list of the origins whose pages may send cookies.
     *
     * @throws IllegalArgumentException if an element is not an origin; {@code *} and {@code null} are not origins here
     */
    Origins withCredentials(Collection<String> origins) {
        Set<String> parsed = parse("origin with credentials", origins);
        if (parsed.contains("null")) {
            // Every sandboxed page has this origin, also a page of an attacker.
            throw invalid("origin with credentials", "null");
        }
        return new Origins(listed, parsed, isSecure);
    }

    private static Set<String> parse(String name, Collection<String> listed) {
        Set<String> origins = new TreeSet<>();
        for (String origin : listed) {
            String sent = origin.toLowerCase(Locale.ROOT);
            if (!ORIGIN.matcher(sent).matches()) {
                throw invalid(name, origin);
            }
            origins.add(DEFAULT_PORT.matcher(sent).replaceFirst("$1$2"));
        }
        return Set.copyOf(origins);
    }

    private static IllegalArgumentException invalid(String name, String origin) {
        return new IllegalArgumentException(
                Problem.detail(name, origin, "https://host or https://host:port, nothing after it"));
    }

    /** Returns the same origins for connections with TLS, on which only pages of https are the server's own. */
    Origins secure() {
        return new Origins(listed, credentialed, true);
    }

    /** Returns whether the request comes, according to the browser, from a page that may not use the server. */
    boolean refuses(HttpHeaders headers) {
        List<String> origins = headers.getAll(HttpHeaderNames.ORIGIN);
        if (origins.isEmpty()) {
            // An own page sends a GET without an Origin, but so does an image or a link in a foreign page.
            return !OWN_SITES.containsAll(headers.getAll(SEC_FETCH_SITE));
        }
        String origin = origins.get(0);
        return origins.size() > 1 || !(allows(origin) || isOwn(origin, headers.get(HttpHeaderNames.HOST)));
    }

    /**
     * Returns the listed origin that a request comes from, so that the response can allow this origin to read it;
     * otherwise null.
     */
    @Nullable
    String granted(HttpHeaders headers) {
        if (areOwn()) {
            return null;
        }
        String origin = headers.get(HttpHeaderNames.ORIGIN);
        return origin != null && allows(origin) ? origin : null;
    }

    /**
     * Removes the cookies from the headers of a request that comes from a listed origin without credentials.
     *
     * @param granted the result of {@link #granted}
     */
    void dropCookies(HttpHeaders headers, @Nullable String granted) {
        if (granted != null && !credentialed.contains(granted) && !isOwn(granted, headers.get(HttpHeaderNames.HOST))) {
            headers.remove(HttpHeaderNames.COOKIE);
        }
    }

    /**
     * Adds the headers that a browser needs before it passes the response to the page.
     *
     * @param granted the result of {@link #granted}
     */
    void addTo(Response answer, @Nullable String granted) {
        if (granted != null) {
            answer.with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, granted)
                    .with(HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
            if (credentialed.contains(granted)) {
                answer.with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
            }
        }
        if (!areOwn()) {
            // Also without a granted origin: a cache must not give this response to a page whose origin is listed.
            answer.with(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
        }
    }

    /**
     * Adds the headers of the response to a preflight request.
     *
     * @param methods the methods that the path supports
     */
    static void addPreflightTo(Response answer, String methods) {
        answer.with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, methods)
                .with(HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS)
                .with(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE);
    }

    /** Returns whether only the server's own pages are allowed. */
    private boolean areOwn() {
        return listed.isEmpty() && credentialed.isEmpty();
    }

    private boolean allows(String origin) {
        return listed.contains(origin) || credentialed.contains(origin);
    }

    private boolean isOwn(String origin, @Nullable String host) {
        int defaultPort = origin.startsWith("https://") ? 443 : origin.startsWith("http://") ? 80 : -1;
        if (host == null || host.isEmpty() || defaultPort < 0 || (isSecure && defaultPort != 443)) {
            return false;
        }
        String authority = origin.substring(origin.indexOf("//") + 2);
        int port = port(authority, defaultPort);
        return port >= 0 && port == port(host, defaultPort) && name(authority).equalsIgnoreCase(name(host));
    }

    /** Returns the host of an authority, without the port. */
    static String name(String authority) {
        return authority.substring(0, colon(authority));
    }

    /** @return negative if the text after the colon is not a port */
    private static int port(String authority, int byDefault) {
        String digits = authority.substring(Math.min(colon(authority) + 1, authority.length()));
        if (digits.isEmpty()) {
            return byDefault;
        }
        return digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : -1;
    }

    /** Returns the index of the colon before the port, or the length if there is no port. */
    private static int colon(String authority) {
        int colon = authority.lastIndexOf(':');
        // Colons between brackets belong to an IPv6 address.
        return colon > authority.lastIndexOf(']') ? colon : authority.length();
    }
}
