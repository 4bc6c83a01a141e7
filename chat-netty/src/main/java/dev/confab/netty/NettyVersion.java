package dev.confab.netty;

import io.netty.util.Version;
import java.lang.module.ModuleDescriptor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The check of Netty's version at the start of a server. A framework that manages an older version replaces the version
 * for which this module asks, and without the check the start ends with a missing class. Thread-safe.
 */
final class NettyVersion {
    private static final ModuleDescriptor.Version OLDEST = ModuleDescriptor.Version.parse("4.2.18.Final");

    /** The parts that matter: the first has the event loops, and an older version of the second is not secure. */
    private static final List<String> PARTS = List.of("netty-transport", "netty-codec-http");

    private NettyVersion() {}

    /** @throws IllegalStateException when the class path has an older version; the message tells how to change it */
    static void check() {
        check(Version.identify(NettyVersion.class.getClassLoader()).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, part -> part.getValue().artifactVersion())));
    }

    /** @param versions the version of each part; parts that were merged into another jar may be missing */
    static void check(Map<String, String> versions) {
        for (String part : PARTS) {
            String version = versions.get(part);
            if (version != null && ModuleDescriptor.Version.parse(version).compareTo(OLDEST) < 0) {
                throw new IllegalStateException("Netty: " + part + " " + version + " (expected: " + OLDEST
                        + " or newer; with Spring Boot, set the property netty.version)");
            }
        }
    }
}
