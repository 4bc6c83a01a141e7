package dev.confab.jdbi;

import dev.confab.core.Message;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * A file system of H2 that records the changes and the syncs of its files, for paths that begin with {@code recorded:}.
 * Thread-safe, but one recording at a time.
 */
public final class RecordedFiles extends FilePathWrapper {
    static final String SCHEME = "recorded";

    private static final List<Event> EVENTS = new ArrayList<>();

    /** Something that happened to a file. */
    sealed interface Event {}

    record Write(long position, byte[] bytes) implements Event {}

    record Truncation(long size) implements Event {}

    /** A sync has returned: it covers the events before {@code begin}. */
    record Sync(int begin) implements Event {}

    /** The writer knows that this message is stored. */
    record Acknowledgement(Message message) implements Event {}

    /** For H2, which creates the paths. */
    public RecordedFiles() {}

    static void start() {
        FilePath.register(new RecordedFiles());
        synchronized (EVENTS) {
            EVENTS.clear();
        }
    }

    static void acknowledged(Message message) {
        add(new Acknowledgement(message));
    }

    static List<Event> events() {
        synchronized (EVENTS) {
            return List.copyOf(EVENTS);
        }
    }

    private static int count() {
        synchronized (EVENTS) {
            return EVENTS.size();
        }
    }

    private static void add(Event event) {
        synchronized (EVENTS) {
            EVENTS.add(event);
        }
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        return new Channel(getBase().open(mode));
    }

    private static final class Channel extends FileBaseDefault {
        private final FileChannel file;

        Channel(FileChannel file) {
            this.file = file;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            byte[] bytes = new byte[source.remaining()];
            source.duplicate().get(bytes);
            if (Thread.currentThread().getName().equals("H2-save")) {
                // As on a busy machine: another thread may prepare the next version before this one is written.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(40));
            }
            synchronized (EVENTS) {
                int written = file.write(source, position);
                add(new Write(position, Arrays.copyOf(bytes, written)));
                return written;
            }
        }

        @Override
        public void force(boolean metaData) {
            add(new Sync(count()));
        }

        @Override
        protected void implTruncate(long size) throws IOException {
            synchronized (EVENTS) {
                file.truncate(size);
                add(new Truncation(size));
            }
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return file.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            file.close();
        }
    }
}
