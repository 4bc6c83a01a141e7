package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.demo.Main;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Checks the server process that a benchmark starts and measures. */
@Timeout(120)
final class ServerChildTest {
    @Test
    @EnabledOnOs(OS.LINUX)
    void passwordIsNotAmongTheProcessArguments() throws Exception {
        try (ServerChild server =
                ServerChild.start(Main.class, "jdbc:h2:mem:child;USER=ops;PASSWORD=Qz7fA", List.of())) {
            assertThat(server.address().port()).isPositive();
            byte[] arguments = Files.readAllBytes(Path.of("/proc", String.valueOf(server.pid()), "cmdline"));
            assertThat(new String(arguments, StandardCharsets.UTF_8))
                    .contains("serve")
                    .doesNotContain("Qz7fA", "jdbc:");
        }
    }
}
