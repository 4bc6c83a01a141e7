package dev.confab.jdbi;

import dev.confab.core.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares the file of an embedded H2 database for opening. After a kill, H2 looks for the newest state by following a
 * chain of positions, each of which an earlier write guessed for the next write. At a wrong guess H2 stops and takes an
 * older state for the newest. It then loses commits that are synced and complete in the file. Only H2's recovery mode,
 * which no URL switches on, reads the whole file. So a file that was not closed is opened once in that mode before the
 * database is opened.
 *
 * <p>Thread-safe.
 */
public final class H2File {
    private static final Logger LOG = LoggerFactory.getLogger(H2File.class);
    private static final Pattern URL = Pattern.compile("jdbc:h2:(?:mem:.*|(?:file:)?(?<name>(?!mem:)[^;]+).*)");
    /** URLs of other kinds of databases, or of files in other layouts: {@code tcp:}, {@code split:} and so on. */
    private static final Pattern OTHER_KIND = Pattern.compile("[a-zA-Z][a-zA-Z0-9]+:.*");

    private static final Pattern HARMLESS = Pattern.compile("jdbc:h2:[^@?]*|(?:jdbc:[a-zA-Z0-9]+:)?[^@?:]*");
    private static final Pattern SCHEME = Pattern.compile("(?s)^((?:jdbc:[a-zA-Z0-9]+:)?).*");

    private static final String EXPECTED = "jdbc:h2:file:… or jdbc:h2:mem:…, without CIPHER";
    private static final Pattern VERSION = Pattern.compile(",version:([0-9a-f]+)");
    /** More than the versions that H2 writes at the closing; the last versions before them are without messages. */
    private static final int CLOSING_VERSIONS = 4;

    /** The number of chunks that H2 looks for when it opens a file that was closed. */
    private static final int CHECKED_CHUNKS = 20;

    private static final int HEADERS = 2;
    private static final int HEADER_LENGTH = 4096;

    /** The files that this process has recovered. */
    private static final Set<String> RECOVERED = ConcurrentHashMap.newKeySet();

    private H2File() {}

    /**
     * Ensures that every committed transaction is found when the database is opened, and returns the URL to open it by:
     * {@code url} with the settings {@code DB_CLOSE_ON_EXIT=FALSE}, {@code TRACE_LEVEL_FILE=0} and {@code
     * MAX_COMPACT_TIME=0}, unless {@code url} sets them. (A trace file beside the database would grow when the disk is
     * full. If the power fails while H2 compacts a file, H2 may be unable to read the file.)
     *
     * <p>Call this before anything opens the database, each time. {@link JdbiMessageStore} refuses a database file for
     * which it was not called. Of a file that was closed, only the header and the end are read; any other file is read
     * completely, at the speed of the disk. Blocks until then.
     *
     * @param url {@code jdbc:h2:file:…} with any settings but {@code CIPHER}; {@code jdbc:h2:mem:…} has no file, so
     *     nothing is done for it
     * @throws IllegalArgumentException when {@code url} is of another kind
     * @throws StoreException when the file is in use or cannot be read
     */
    public static String recover(String url) {
        Matcher parts = URL.matcher(url);
        String settings = url.toUpperCase(Locale.ROOT);
        if (!parts.matches() || settings.contains(";CIPHER=")) {
            throw unexpected(url);
        }
        String name = parts.group("name");
        if (name != null) {
            if (OTHER_KIND.matcher(name).matches()) {
                throw unexpected(url);
            }
            recover(Path.of(name.replaceFirst("^~(?=/)", Matcher.quoteReplacement(System.getProperty("user.home", "")))
                    + ".mv.db"));
        }
        return with(with(with(url, "DB_CLOSE_ON_EXIT", "FALSE"), "TRACE_LEVEL_FILE", "0"), "MAX_COMPACT_TIME", "0");
    }

    private static String with(String url, String setting, String value) {
        return url.toUpperCase(Locale.ROOT).contains(";" + setting + "=") ? url : url + ";" + setting + "=" + value;
    }

    /** @param database the path of the database as H2 reports it; null for a database in memory */
    static void checkRecovered(@Nullable String database) {
        if (database != null && !RECOVERED.contains(canonical(Path.of(database + ".mv.db")))) {
            throw new StoreException(
                    StoreException.Kind.UNAVAILABLE,
                    "dataSource: opened " + database + " by itself (expected: by the URL that H2File.recover returns)",
                    null);
        }
    }

    /** Recovers {@code file} if it was not closed. */
    static void recover(Path file) {
        try {
            String closed = Files.exists(file) ? closedHeader(file) : null;
            if (Files.exists(file) && (closed == null || !isWhole(file, closed))) {
                LOG.info("The database was not closed: recovering {}", file);
                long recovered = recoverUnclosed(file);
                if (newestVersion(builder(file)) < recovered) {
                    throw damaged(file);
                }
            }
        } catch (IOException | MVStoreException e) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "database: " + describe(e), e);
        }
        RECOVERED.add(canonical(file));
    }

    /**
     * Returns the version of the recovered state. When H2 opens a file that was closed, it looks for the newest chunks
     * that the header's version lists, and takes an older state if one is missing. The space of a superseded chunk may
     * have been reused before the kill. So other versions, which change nothing, become the newest ones.
     *
     * <p>No space is reused until the file is closed. So if the power fails meanwhile, the next recovery finds the same
     * state.
     */
    private static long recoverUnclosed(Path file) {
        try (MVStore store = builder(file).recoveryMode().autoCommitDisabled().open()) {
            store.setVersionsToKeep(2 * CHECKED_CHUNKS);
            for (int i = 0; i < CHECKED_CHUNKS; i++) {
                store.setStoreVersion(store.getStoreVersion());
                store.commit();
            }
            store.sync();
            return store.getCurrentVersion();
        }
    }

    /**
     * Returns whether the file has the version that its header names. When H2 closes a database, it writes a few more
     * versions, without messages, and then the header. After a power loss, the header may be on the disk without these
     * versions. A file that lacks further versions was cut after it was closed: its first part contains an older state,
     * which H2 would open silently.
     */
    private static boolean isWhole(Path file, String header) {
        Matcher version = VERSION.matcher(header);
        if (!version.find()) {
            return true;
        }
        long closed = Long.parseLong(version.group(1), 16);
        if (newestVersion(builder(file)) >= closed) {
            return true;
        }
        if (newestVersion(builder(file).recoveryMode()) < closed - CLOSING_VERSIONS) {
            throw damaged(file);
        }
        return false;
    }

    private static StoreException damaged(Path file) {
        return new StoreException(
                StoreException.Kind.UNAVAILABLE,
                "database: " + file
                        + " was cut or is damaged (expected: its content at the time when it was closed;"
                        + " restore a backup)",
                null);
    }

    private static long newestVersion(MVStore.Builder file) {
        try (MVStore store = file.readOnly().open()) {
            return store.getCurrentVersion();
        }
    }

    private static MVStore.Builder builder(Path file) {
        return new MVStore.Builder().fileName(file.toString());
    }

    /**
     * Returns null when the file was not closed. The file has two copies of the header, and closing writes both;
     * checking both is cheap.
     */
    private static @Nullable String closedHeader(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String header = "";
            for (int i = 0; i < HEADERS; i++) {
                header = new String(in.readNBytes(HEADER_LENGTH), StandardCharsets.ISO_8859_1);
                if (!header.startsWith("H:") || !header.contains(",clean:1")) {
                    return null;
                }
            }
            return header;
        }
    }

    /** Returns one line. When a file cannot be used, the message of Java's exception is only the file's name. */
    private static String describe(Exception failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof AccessDeniedException denied) {
            return denied.getFile() + ": Permission denied";
        }
        if (root instanceof FileSystemException file) {
            return String.valueOf(file.getMessage());
        }
        return String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
    }

    private static String canonical(Path file) {
        try {
            return file.toFile().getCanonicalPath();
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "database: " + e.getMessage(), e);
        }
    }

    private static IllegalArgumentException unexpected(String url) {
        String place = url.split(";", 2)[0];
        // In another kind of URL, any part may be a password.
        String shown = HARMLESS.matcher(place).matches()
                ? place
                : SCHEME.matcher(place).replaceFirst("$1…");
        return new IllegalArgumentException("url: " + shown + " (expected: " + EXPECTED + ")");
    }
}
