package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {
    private static final TrustedProxies PROXIES =
            TrustedProxies.of(List.of("10.0.0.0/8", "192.0.2.7", "2001:db8:aaaa::/48", "::1"));

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0, true",
        "10.255.255.255, true",
        "11.0.0.0, false",
        "9.255.255.255, false",
        "192.0.2.7, true",
        "192.0.2.8, false",
        "2001:db8:aaaa::1, true",
        "2001:db8:aaab::1, false",
        "::1, true",
        "::2, false",
        "::ffff:10.1.2.3, true",
        "::ffff:11.1.2.3, false"
    })
    void anAddressIsTrustedIfItIsInABlock(String address, boolean isTrusted) {
        assertThat(PROXIES.contain(address(address))).isEqualTo(isTrusted);
    }

    /** The header as the proxy 10.0.0.1 passes it on; the lines are separated by {@code ;}. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            203.0.113.9                              | 203.0.113.9
            ' 203.0.113.9\t'                         | 203.0.113.9
            203.0.113.9:4711                         | 203.0.113.9
            [2001:db8::9]:4711                       | 2001:db8::9
            [2001:db8::9]                            | 2001:db8::9
            2001:db8::9                              | 2001:db8::9
            ::ffff:203.0.113.9                       | 203.0.113.9
            # The client sent the addresses in front of the one that the first trusted proxy appended.
            1.1.1.1, 203.0.113.9                     | 203.0.113.9
            10.0.0.5, 203.0.113.9                    | 203.0.113.9
            1.1.1.1, 203.0.113.9, 10.0.0.3           | 203.0.113.9
            1.1.1.1; 203.0.113.9, 192.0.2.7; ::1     | 203.0.113.9
            203.0.113.9; 198.51.100.1                | 198.51.100.1
            garbage, 203.0.113.9                     | 203.0.113.9
            # Only trusted proxies: the first one is the client.
            10.0.0.3                                 | 10.0.0.3
            10.0.0.3, 10.0.0.4                       | 10.0.0.3
            # Text that is not an address names no client.
            ''                                       | 10.0.0.1
            ','                                      | 10.0.0.1
            unknown                                  | 10.0.0.1
            203.0.113.9, unknown                     | 10.0.0.1
            203.0.113.9, unknown, 10.0.0.3           | 10.0.0.3
            203.0.113.9,                             | 10.0.0.1
            203.0.113                                | 10.0.0.1
            203.0.113.999                            | 10.0.0.1
            203.0.113.9:                             | 10.0.0.1
            203.0.113.9:port                         | 10.0.0.1
            203.0.113.9 198.51.100.1                 | 10.0.0.1
            203.0.113.0/24                           | 10.0.0.1
            2001:db8::9::                            | 10.0.0.1
            [2001:db8::9                             | 10.0.0.1
            [2001:db8::9]x                           | 10.0.0.1
            fe80::1%eth0                             | 10.0.0.1
            localhost                                | 10.0.0.1
            '"203.0.113.9"'                          | 10.0.0.1
            """)
    void theClientIsTheRightMostAddressThatIsNotATrustedProxy(String lines, String client) {
        HttpHeaders headers =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        for (String line : lines.split(";")) {
            headers.add("X-Forwarded-For", line);
        }
        assertThat(PROXIES.client(address("10.0.0.1"), headers)).isEqualTo(address(client));
    }

    @Test
    void withoutTheHeaderTheProxyIsTheClient() {
        HttpHeaders headers =
                new DefaultHttpHeaders().add("Forwarded", "for=203.0.113.9").add("X-Real-IP", "203.0.113.9");
        assertThat(PROXIES.client(address("10.0.0.1"), headers)).isEqualTo(address("10.0.0.1"));
    }

    @Test
    void withoutBlocksNoAddressIsTrusted() {
        assertThat(TrustedProxies.of(List.of()).contain(address("127.0.0.1"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/0", "10.1.2.3/8", "10.0.0.1/32", "::/0", "2001:db8::/128"})
    void everyCidrBlockIsAccepted(String block) {
        assertThat(new LimitsConfig(1, 0, 1, List.of(block)).trustedProxies()).containsExactly(block);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.0/a",
                "10.0.0.0/255.0.0.0",
                "10.0.0/8",
                "10.0.0.256",
                "10.0.0.0/8 ",
                "10.0.0.0/8,11.0.0.0/8",
                "2001:db8::/129",
                "2001:db8:::/32",
                "[2001:db8::]/32",
                "::ffff:10.0.0.0/104",
                "fe80::1%eth0",
                "proxy.example",
                "localhost",
                "*",
                "/8"
            })
    void textThatIsNotACidrBlockIsRejected(String block) {
        LimitsConfig defaults = LimitsConfig.defaults();
        assertThatThrownBy(() -> defaults.withTrustedProxies(List.of("10.0.0.0/8", block)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("trusted proxy: " + block
                        + " (expected: an address or a CIDR block, such as 10.0.0.0/8 or 2001:db8::/32)");
    }

    private static InetAddress address(String text) {
        return NetUtil.createInetAddressFromIpAddressString(text);
    }
}
