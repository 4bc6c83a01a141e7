package dev.confab.example;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.core.Gap;
import dev.confab.core.MessageId;
import dev.confab.core.Start;
import dev.confab.core.Subscriber;
import java.util.concurrent.BlockingQueue;

/** Passes the texts of messages on to a queue, and waits while the queue is full. Shows all calls of a subscriber. */
final class Printer implements Subscriber {
    private final BlockingQueue<String> lines;
    private MessageId cursor;

    /** @param lines has room for at least a batch, which has up to 1,000 entries */
    Printer(BlockingQueue<String> lines) {
        this.lines = lines;
    }

    /** Asked before each batch. After false, call {@code resume()} on the subscription when there is room again. */
    @Override
    public boolean isReady() {
        return lines.remainingCapacity() >= 1_000;
    }

    /** Gets the next entries, in the order of the log. All calls come one at a time, on the executor of the caller. */
    @Override
    public void onBatch(Batch batch) {
        for (Entry entry : batch.entries()) {
            switch (entry.message().type()) {
                case MESSAGE -> lines.add(entry.message().body());
                case JOIN, LEAVE ->
                    lines.add(entry.message().nick() + ": " + entry.message().type());
            }
        }
        cursor = batch.to();
    }

    /** Messages after the cursor were removed, or the log is another one. The next batch continues at the new cursor. */
    @Override
    public void onGap(Gap gap) {
        lines.offer("Messages are missing: " + gap.reason());
        cursor = gap.to();
    }

    /** The last call, when the service closes. It does not come after {@code close()} of the subscription. */
    @Override
    public void onClose() {
        lines.offer("The chat is closed");
    }

    /** Where a later subscription continues: an application stores the cursor together with its own work. */
    Start continuation() {
        return cursor == null ? Start.EARLIEST : Start.after(cursor);
    }
}
