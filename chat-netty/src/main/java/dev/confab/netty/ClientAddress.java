package dev.confab.netty;

import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** The address of a client, as the limits count it. */
final class ClientAddress {
    private static final int NETWORK_BYTES = 8;

    private ClientAddress() {}

    /**
     * Returns the key of an address for the limits. All addresses of an IPv6 network of 64 bits have the same key,
     * because one client can use any number of them.
     */
    static String key(InetAddress address) {
        if (address instanceof Inet4Address) {
            return "address:" + NetUtil.toAddressString(address);
        }
        byte[] network = address.getAddress();
        Arrays.fill(network, NETWORK_BYTES, network.length, (byte) 0);
        try {
            return "address:" + NetUtil.toAddressString(InetAddress.getByAddress(network)) + "/64";
        } catch (UnknownHostException e) {
            throw new IllegalStateException("An array of this length is an address", e);
        }
    }
}
