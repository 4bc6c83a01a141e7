package dev.confab.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of an embedded H2 database. After a kill, H2 looks for the newest state by following a chain of positions that each
 * write guesses for the next one; where a guess was wrong it stops, and takes an older state for the newest: commits are lost
 * that are in the file, synced and whole. Only its recovery mode looks at the whole file. So a file that was not closed is
 * opened once in that mode before the database is.
 */
final class H2File {
    private static final Logger LOG = LoggerFactory.getLogger(H2File.class);
    private static final Pattern URL = Pattern.compile("jdbc:h2:(?:file:)?(?!mem:|tcp:|ssl:|zip:)(~?[^;]+).*");
    private static final int HEADER_LENGTH = 4096;

    private H2File() {}

    /** Makes all that was committed to be found, if the file that {@code url} names was not closed. */
    static void recover(String url) {
        Matcher path = URL.matcher(url);
        if (path.matches()) {
            String name =
                    path.group(1).replaceFirst("^~", Matcher.quoteReplacement(System.getProperty("user.home", "")));
            recover(Path.of(name + ".mv.db"));
        }
    }

    private static void recover(Path file) {
        try {
            if (Files.exists(file) && isLeftOpen(file)) {
                LOG.info("The database was not closed: looking through {}", file);
                new MVStore.Builder()
                        .fileName(file.toString())
                        .recoveryMode()
                        .autoCommitDisabled()
                        .open()
                        .close();
            }
        } catch (IOException | MVStoreException e) {
            // In use, encrypted, or really broken: H2 says which, in its own words, when it opens it.
            LOG.debug("Not looked through", e);
        }
    }

    private static boolean isLeftOpen(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String header = new String(in.readNBytes(HEADER_LENGTH), StandardCharsets.ISO_8859_1);
            return header.startsWith("H:") && !header.contains(",clean:1");
        }
    }
}
