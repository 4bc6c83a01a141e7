package dev.confab.demo.bench;

import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Counts the messages and bytes of the readers of one event loop. Only that loop writes. Any thread may read, and may
 * see an update a moment late.
 */
final class Tally {
    /**
     * Latencies of measured messages in microseconds, from the due time of each. One thread takes the interval
     * histograms.
     */
    final SingleWriterRecorder latency = new SingleWriterRecorder(Result.DIGITS);

    private final int firstMeasured;
    private final AtomicLong deliveries = new AtomicLong();
    private final AtomicLong measured = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();

    /** @param firstMeasured the number of the first message that is measured */
    Tally(int firstMeasured) {
        this.firstMeasured = firstMeasured;
    }

    void delivered(int number, long due, long now) {
        add(deliveries, 1);
        if (number >= firstMeasured) {
            add(measured, 1);
            latency.recordValue(Math.max(0, (now - due) / 1_000));
        }
    }

    void received(int bytes) {
        add(received, bytes);
    }

    void sent(int bytes) {
        add(sent, bytes);
    }

    /** Returns the number of deliveries, including those of the warm-up. */
    long deliveries() {
        return deliveries.getAcquire();
    }

    long measured() {
        return measured.getAcquire();
    }

    long bytesReceived() {
        return received.getAcquire();
    }

    long bytesSent() {
        return sent.getAcquire();
    }

    private static void add(AtomicLong counter, long n) {
        counter.setRelease(counter.getPlain() + n);
    }
}
