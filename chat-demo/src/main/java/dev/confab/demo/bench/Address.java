package dev.confab.demo.bench;

import dev.confab.demo.ShownArgument;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * The address of a server.
 *
 * @param isSecure whether the server expects TLS
 * @param prefix the prefix of all paths of the server: empty, or with a leading slash
 */
record Address(boolean isSecure, String host, int port, String prefix) {
    /** @throws IllegalArgumentException when the text is not the URL of a server */
    static Address parse(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw wrong(url);
        }
        boolean isSecure = "https".equals(uri.getScheme());
        if (!(isSecure || "http".equals(uri.getScheme()))
                || uri.getHost() == null
                || uri.getRawUserInfo() != null
                || uri.getRawQuery() != null) {
            throw wrong(url);
        }
        return new Address(
                isSecure,
                uri.getHost(),
                uri.getPort() < 0 ? (isSecure ? 443 : 80) : uri.getPort(),
                uri.getRawPath().replaceFirst("/+$", ""));
    }

    private static IllegalArgumentException wrong(String url) {
        return new IllegalArgumentException(
                "--url: " + ShownArgument.of(url) + " (expected: http://host:port or https://host:port)");
    }

    /** Returns the value of the {@code Host} header. */
    String authority() {
        return host + ":" + port;
    }

    /** Returns the origin of the server's pages. */
    String origin() {
        return (isSecure ? "https://" : "http://") + authority();
    }

    @Override
    public String toString() {
        return origin() + prefix;
    }
}
