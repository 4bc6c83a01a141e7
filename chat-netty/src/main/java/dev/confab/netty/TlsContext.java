package dev.confab.netty;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS context for new connections. Follows the files of the configuration: a thread of its own looks for changes.
 * Files are read only after they have stayed the same between two looks, because a program that replaces them may need
 * several steps. Safe for any thread.
 */
final class TlsContext implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TlsContext.class);

    private static final long LOOK_MILLIS = 1_000;

    private final TlsConfig config;
    private final Consumer<String> warnings;
    private final ScheduledThreadPoolExecutor looks =
            new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("confab-tls", true));
    private volatile SslContext current;

    // Confined to the thread that looks.
    private List<FileState> loaded;
    private List<FileState> seen;

    /** The last warning, which is not repeated while nothing changes; empty if there is nothing to report. */
    private String reported = "";

    private TlsContext(TlsConfig config, Consumer<String> warnings) {
        this.config = config;
        this.warnings = warnings;
        // The state is determined first: if a file changes while it is read, the next look finds another state.
        this.loaded = state();
        this.seen = loaded;
        this.current = context(TlsIdentity.read(config));
    }

    /**
     * Reads the files, then follows them until {@link #close}. Blocks.
     *
     * @throws IllegalArgumentException when the files cannot be used; the message has one line with the file's name
     */
    static TlsContext open(TlsConfig config) {
        return open(config, LOG::warn);
    }

    /** @param warnings receives a line when changed files cannot be used; called on the thread that reads the files */
    static TlsContext open(TlsConfig config, Consumer<String> warnings) {
        TlsContext opened = new TlsContext(config, warnings);
        opened.looks.scheduleWithFixedDelay(opened::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return opened;
    }

    SslContext current() {
        return current;
    }

    /** Returns a handler for a new connection. */
    SslHandler handler(ByteBufAllocator allocator) {
        SslHandler handler = current.newHandler(allocator);
        handler.setHandshakeTimeoutMillis(config.handshakeTimeout().toMillis());
        return handler;
    }

    /** The port to listen on, or 0 for any. */
    int port() {
        return config.port();
    }

    /**
     * Returns the routes for requests without TLS.
     *
     * @param port the port that serves TLS
     */
    Routes plain(Routes routes, int port) {
        return switch (config.plain()) {
            case SERVE -> routes;
            case REDIRECT -> routes.replacedBy(PlainEndpoint.redirectingTo(port));
            case REFUSE -> routes.replacedBy(PlainEndpoint.REFUSING);
        };
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }

    /**
     * Reads files that have changed. Files that cannot be used are read again with each look, because not every repair
     * shows in their state: a program that replaces them may set their permissions last.
     */
    private void look() {
        List<FileState> before = seen;
        seen = state();
        if (seen.equals(loaded)) {
            reported = "";
        } else if (seen.equals(before)) {
            load();
        }
    }

    private void load() {
        try {
            TlsIdentity identity = TlsIdentity.read(config);
            current = context(identity);
            loaded = seen;
            reported = "";
            LOG.info(
                    "Loaded a new TLS certificate, valid until {}",
                    identity.certificates().get(0).getNotAfter().toInstant());
        } catch (RuntimeException e) {
            String warning = "The new TLS files cannot be used, and the previous certificate stays: " + e.getMessage();
            if (!warning.equals(reported)) {
                reported = warning;
                warnings.accept(warning);
            }
        }
    }

    private static SslContext context(TlsIdentity identity) {
        try {
            return identity.context();
        } catch (SSLException e) {
            throw new IllegalArgumentException(
                    "TLS certificates: not accepted by the TLS engine: " + e.getMessage(), e);
        }
    }

    private List<FileState> state() {
        return List.of(FileState.of(config.certificates()), FileState.of(config.key()));
    }

    /**
     * The attributes by which a change of a file is noticed. They are those of the file at the end of symbolic links,
     * because certbot and Kubernetes replace links.
     *
     * @param key identifies the file on its file system; null when there is no such identifier, or no file
     */
    private record FileState(@Nullable Object key, FileTime modified, long size) {
        static FileState of(Path file) {
            try {
                BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
                return new FileState(found.fileKey(), found.lastModifiedTime(), found.size());
            } catch (IOException e) {
                return new FileState(null, FileTime.fromMillis(0), -1);
            }
        }
    }
}
