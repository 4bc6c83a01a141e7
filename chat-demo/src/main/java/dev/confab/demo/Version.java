package dev.confab.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** The name and version of the demo. Thread-safe. */
final class Version {
    private Version() {}

    /** Returns the name and version. */
    static String text() {
        return "chat-demo " + number();
    }

    /**
     * Returns the version, which all modules share. The build writes the version to a file, because classes outside of
     * a jar have no manifest.
     */
    static String number() {
        Properties build = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("build.properties")) {
            build.load(Objects.requireNonNull(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Objects.requireNonNull(build.getProperty("version"));
    }
}
