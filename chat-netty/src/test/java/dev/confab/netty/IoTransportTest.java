package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/**
 * Tests of the available I/O transports. Missing transports are tested in separate JVMs, because a JVM looks for them
 * only once.
 */
final class IoTransportTest {
    private static final String EPOLL = "netty-transport-native-epoll";
    private static final String URING_CLASSES = "netty-transport-classes-io_uring";
    private static final String URING_LIBRARY = "netty-transport-native-io_uring";

    @Test
    void theTransportOfTheJdkIsAlwaysAvailable() {
        assertThat(IoTransport.NIO.unavailability()).isEmpty();
        assertThat(IoTransport.AUTO.unavailability()).isEmpty();
    }

    @Test
    void ioUringIsNeverChosenAutomatically() {
        assertThat(Sockets.of(IoTransport.AUTO).listener().getName()).doesNotContain("Uring");
    }

    @Test
    void withoutItsClassesIoUringNamesTheMissingLibrary() throws Exception {
        assertThat(start("IO_URING", jar -> !jar.startsWith(URING_CLASSES)))
                .isEqualTo(
                        "io: io_uring is not available here: netty-transport-classes-io_uring is not on the class path");
        assertThat(start("AUTO", jar -> !jar.startsWith(URING_CLASSES))).isEqualTo("started");
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void withoutItsNativeLibraryEachTransportNamesTheMissingLibrary() throws Exception {
        assertThat(start("IO_URING", jar -> !jar.startsWith(URING_LIBRARY)))
                .startsWith("io: io_uring is not available here: ")
                .contains("netty_transport_native_io_uring");
        assertThat(start("EPOLL", jar -> !jar.startsWith(EPOLL)))
                .startsWith("io: epoll is not available here: ")
                .contains("netty_transport_native_epoll");
        assertThat(start("AUTO", jar -> !jar.startsWith(EPOLL))).isEqualTo("started");
    }

    private static String start(String io, Predicate<String> jars) throws Exception {
        List<String> path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> jars.test(Path.of(entry).getFileName().toString()))
                .toList();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                "-cp",
                String.join(File.pathSeparator, path),
                Asking.class.getName(),
                io));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return said;
    }

    /** Starts a server, or prints the reason for which it cannot be started. */
    static final class Asking {
        public static void main(String[] args) {
            ChatServerConfig config = ChatServerConfig.defaults()
                    .withAddress("127.0.0.1", 0)
                    .withEventLoops(1)
                    .withIo(IoTransport.valueOf(args[0]));
            try (ChatServer server = ChatServer.start(config, Routes.of())) {
                System.out.println(server.port() > 0 ? "started" : "");
            } catch (IllegalArgumentException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
