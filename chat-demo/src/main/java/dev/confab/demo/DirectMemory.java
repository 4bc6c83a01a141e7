package dev.confab.demo;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** The memory outside of the heap in which Netty keeps what it reads and writes. */
final class DirectMemory {
    private static final String NETTY = "io.netty.maxDirectMemory";

    private DirectMemory() {}

    /**
     * Sets Netty's limit below that of the JDK, unless it is set. Above its limit Netty fails at once. Above its own, the JDK up
     * to 22 sleeps for up to a second before it fails, on the event loop. To be called before any class of Netty is used.
     */
    static void bound() {
        if (System.getProperty(NETTY) == null) {
            long limit = limit();
            System.setProperty(NETTY, Long.toString(limit - limit / 16));
        }
    }

    private static long limit() {
        HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long set = vm == null ? 0 : Long.parseLong(vm.getVMOption("MaxDirectMemorySize").getValue());
        return set > 0 ? set : Runtime.getRuntime().maxMemory();
    }
}
