package dev.confab.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses the hosts of a PostgreSQL URL. {@link java.net.URI} supports neither several hosts nor a name with an
 * underscore.
 */
final class PostgresHosts {
    /** A name, an IPv4 address or an IPv6 address in brackets; then a port, which may be empty. */
    private static final Pattern HOST =
            Pattern.compile("(?<host>\\[[0-9A-Fa-f:.]+]|[\\p{L}\\p{N}._-]+)(?::(?<port>\\d{0,5}))?");

    private static final int MAX_PORT = 65_535;

    private PostgresHosts() {}

    /**
     * Returns each host as {@code host} or {@code host:port}.
     *
     * @throws IllegalArgumentException without a message, when a host has neither form
     */
    static List<String> parse(String authority) {
        List<String> hosts = new ArrayList<>();
        for (String each : authority.split(",", -1)) {
            Matcher host = HOST.matcher(each);
            if (!host.matches()) {
                throw new IllegalArgumentException();
            }
            String port = host.group("port");
            if (port == null || port.isEmpty()) {
                hosts.add(host.group("host"));
            } else if (Integer.parseInt(port) < 1 || Integer.parseInt(port) > MAX_PORT) {
                throw new IllegalArgumentException();
            } else {
                hosts.add(host.group("host") + ":" + Integer.parseInt(port));
            }
        }
        return hosts;
    }
}
