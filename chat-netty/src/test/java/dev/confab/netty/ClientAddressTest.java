package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.NetUtil;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientAddressTest {
    @ParameterizedTest
    @CsvSource({
        "203.0.113.9, address:203.0.113.9",
        "::ffff:203.0.113.9, address:203.0.113.9",
        "2001:db8:1:2:3:4:5:6, address:2001:db8:1:2::/64",
        "2001:db8:1:2:ffff:ffff:ffff:ffff, address:2001:db8:1:2::/64",
        "2001:db8:1:3::1, address:2001:db8:1:3::/64",
        "::1, address:::/64"
    })
    void anIpv6AddressCountsAsItsNetwork(String address, String key) {
        assertThat(ClientAddress.key(NetUtil.createInetAddressFromIpAddressString(address)))
                .isEqualTo(key);
    }
}
