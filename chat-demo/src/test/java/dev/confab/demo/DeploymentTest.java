package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.confab.netty.HttpConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the files for Docker and systemd. {@code .ci/image} builds and runs the image. */
final class DeploymentTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path UNIT = ROOT.resolve("deploy/confab.service");
    private static final Path HEALTH_CHECK = ROOT.resolve("deploy/health-check");
    private static final String JAR = "/opt/confab/chat-demo.jar";

    @TempDir
    Path directory;

    @Test
    void theServerAcceptsTheOptionsOfTheImageAndOfTheService() throws IOException {
        String entrypoint = line(ROOT.resolve("Dockerfile"), "ENTRYPOINT ").replaceAll("[\\[\\]\",]", "");
        String start = line(UNIT, "ExecStart=");
        for (String command : List.of(entrypoint, start)) {
            String options =
                    command.substring(command.indexOf(JAR) + JAR.length()).strip();
            assertThat(options).startsWith("serve");
            assertThatCode(() -> Main.commandLine().parseArgs(options.split(" ")))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void theServiceHasTimeToDrain() throws IOException {
        assertThat(Integer.parseInt(line(UNIT, "TimeoutStopSec="))).isGreaterThan(25);
    }

    @Test
    void systemdAcceptsTheServiceAndFindsItRestricted() throws Exception {
        assumeTrue(run("systemd-analyze", "--version").status == 0, "No systemd-analyze on the PATH");
        // systemd checks that the command exists.
        Path unit = directory.resolve("confab.service");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Files.writeString(unit, Files.readString(UNIT).replace("=/usr/bin/java", "=" + java));

        Result verified = run("systemd-analyze", "verify", "--man=no", unit.toString());
        assertThat(verified.output).isEmpty();
        assertThat(verified.status).isZero();

        // The exposure is from 0 to 100. The services of a distribution mostly have more than 90.
        Result security =
                run("systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", unit.toString());
        assertThat(security.status).as(security.output).isZero();
    }

    @Test
    void theHealthCheckSucceedsUntilTheServerDrains() throws Exception {
        int port;
        try (FaultyNode node = new FaultyNode(NodeConfig.inMemory(), HttpConfig.defaults(), FaultyNode.SERVER)) {
            port = node.port();
            Result healthy = run(HEALTH_CHECK.toString(), "" + port);
            assertThat(healthy.status).as(healthy.output).isZero();
            node.routes.announceDrain();
            assertThat(run(HEALTH_CHECK.toString(), "" + port).status).isNotZero();
        }
        assertThat(run(HEALTH_CHECK.toString(), "" + port).status).isNotZero();
    }

    private record Result(int status, String output) {}

    private static Result run(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return new Result(-1, e.getMessage());
        }
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), output);
    }

    /** Returns the rest of the only line that begins with {@code start}. */
    private static String line(Path file, String start) throws IOException {
        List<String> found = Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(start))
                .toList();
        assertThat(found).as(start).hasSize(1);
        return found.get(0).substring(start.length());
    }
}
