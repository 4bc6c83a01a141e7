package dev.confab.demo;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** The memory outside of the heap in which Netty keeps its read and write buffers. */
final class DirectMemory {
    private static final String NETTY = "io.netty.maxDirectMemory";

    private static final String REFLECTION = "io.netty.tryReflectionSetAccessible";

    private DirectMemory() {}

    /**
     * Lets Netty allocate without the JDK's accounting where the jar's manifest opens {@code java.nio}, and sets
     * Netty's own limit if no limit is set. An allocation beyond the limit then fails immediately. With the accounting
     * of the JDK, an allocation in JDK 23 or earlier collects garbage and sleeps for up to a second before it fails,
     * and blocks the event loop meanwhile. Call this method before any class of Netty is used.
     */
    static void bound() {
        if (System.getProperty(REFLECTION) == null) {
            System.setProperty(REFLECTION, "true");
        }
        if (System.getProperty(NETTY) == null) {
            long limit = limit();
            System.setProperty(NETTY, Long.toString(limit - limit / 16));
        }
    }

    private static long limit() {
        HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long set = vm == null
                ? 0
                : Long.parseLong(vm.getVMOption("MaxDirectMemorySize").getValue());
        return set > 0 ? set : Runtime.getRuntime().maxMemory();
    }
}
