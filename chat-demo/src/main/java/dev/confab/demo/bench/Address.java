package dev.confab.demo.bench;

import dev.confab.demo.ShownArgument;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * The address of a server.
 *
 * @param prefix the prefix of all paths of the server: empty, or with a leading slash
 */
record Address(String host, int port, String prefix) {
    /** @throws IllegalArgumentException when the text is not the URL of a server without TLS */
    static Address parse(String url) {
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw wrong(url);
        }
        if (!"http".equals(uri.getScheme())
                || uri.getHost() == null
                || uri.getRawUserInfo() != null
                || uri.getRawQuery() != null) {
            throw wrong(url);
        }
        return new Address(
                uri.getHost(),
                uri.getPort() < 0 ? 80 : uri.getPort(),
                uri.getRawPath().replaceFirst("/+$", ""));
    }

    private static IllegalArgumentException wrong(String url) {
        return new IllegalArgumentException("--url: " + ShownArgument.of(url) + " (expected: http://host:port)");
    }

    /** Returns the value of the {@code Host} header. */
    String authority() {
        return host + ":" + port;
    }

    @Override
    public String toString() {
        return "http://" + authority() + prefix;
    }
}
