package dev.confab.netty;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The proxies whose {@code X-Forwarded-For} header names the client. Each proxy appends the address from which it
 * received the request, so only the part of the header that trusted proxies appended is reliable: the client can send
 * any text in front of this part. Immutable.
 */
final class TrustedProxies {
    private static final String FORWARDED_FOR = "x-forwarded-for";

    /** An address, perhaps with a port; an IPv6 address with a port is in brackets. */
    private static final Pattern HOP =
            Pattern.compile("([0-9.]+)(?::[0-9]{1,5})?|\\[([0-9A-Fa-f:.]+)](?::[0-9]{1,5})?|([0-9A-Fa-f:.]+)");

    private static final Pattern BLOCK = Pattern.compile("([0-9A-Fa-f:.]+)(?:/([0-9]{1,3}))?");

    private final List<IpSubnetFilterRule> blocks;

    private TrustedProxies(List<IpSubnetFilterRule> blocks) {
        this.blocks = blocks;
    }

    /**
     * @param blocks addresses or CIDR blocks
     * @throws IllegalArgumentException if an element is neither
     */
    static TrustedProxies of(Collection<String> blocks) {
        return new TrustedProxies(blocks.stream().map(TrustedProxies::rule).toList());
    }

    boolean contain(InetAddress address) {
        InetSocketAddress socket = new InetSocketAddress(address, 0);
        for (IpSubnetFilterRule block : blocks) {
            if (block.matches(socket)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns the address of the client that sent a request to the first trusted proxy: the right-most address in the
     * header that is not a trusted proxy. If all addresses are trusted, returns the left-most one. Text that is not an
     * address ends the search, because it names no client: the result is then the last proxy before this text.
     *
     * @param proxy the trusted peer of the connection
     */
    InetAddress client(InetAddress proxy, HttpHeaders headers) {
        InetAddress client = proxy;
        List<String> lines = headers.getAll(FORWARDED_FOR);
        for (int i = lines.size() - 1; i >= 0; i--) {
            String[] hops = lines.get(i).split(",", -1);
            for (int j = hops.length - 1; j >= 0; j--) {
                InetAddress hop = parseHop(hops[j].strip());
                if (hop == null) {
                    return client;
                }
                client = hop;
                if (!contain(hop)) {
                    return client;
                }
            }
        }
        return client;
    }

    private static @Nullable InetAddress parseHop(String text) {
        Matcher hop = HOP.matcher(text);
        if (!hop.matches()) {
            return null;
        }
        for (int group = 1; group <= hop.groupCount(); group++) {
            if (hop.group(group) != null) {
                return parse(hop.group(group));
            }
        }
        return null;
    }

    /** Returns null if the text is not an address. Never asks a name server. */
    private static @Nullable InetAddress parse(String address) {
        boolean isValid = NetUtil.isValidIpV4Address(address) || NetUtil.isValidIpV6Address(address);
        return isValid ? NetUtil.createInetAddressFromIpAddressString(address) : null;
    }

    private static IpSubnetFilterRule rule(String block) {
        Matcher parts = BLOCK.matcher(block);
        InetAddress address = parts.matches() ? parse(parts.group(1)) : null;
        if (address == null) {
            throw invalid(block);
        }
        int length = address instanceof Inet4Address ? Integer.SIZE : 2 * Long.SIZE;
        int prefix = parts.group(2) == null ? length : Integer.parseInt(parts.group(2));
        if (prefix > length) {
            throw invalid(block);
        }
        return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT);
    }

    private static IllegalArgumentException invalid(String block) {
        return new IllegalArgumentException(Problem.detail(
                "trusted proxy", block, "an address or a CIDR block, such as 10.0.0.0/8 or 2001:db8::/32"));
    }
}
