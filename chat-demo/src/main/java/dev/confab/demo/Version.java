package dev.confab.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** The name and version of the demo. Thread-safe. */
final class Version {
    private Version() {}

    /**
     * Returns the name and version. The build writes the version to a file, because classes outside of a jar have no
     * manifest.
     */
    static String text() {
        Properties build = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
            build.load(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "chat-demo " + build.getProperty("version");
    }
}
