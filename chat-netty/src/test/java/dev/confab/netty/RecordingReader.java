package dev.confab.netty;

import dev.confab.core.Batch;
import dev.confab.core.Entry;
import dev.confab.core.Gap;
import dev.confab.core.Limit;
import dev.confab.core.MessageId;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Records the bodies, gaps and keep-alives that are written to the reader. */
final class RecordingReader extends Reader {
    /** Encodes each body as a line. */
    static final Encoder LINES = (batch, allocator) -> {
        StringBuilder lines = new StringBuilder();
        for (Entry entry : batch.entries()) {
            lines.append(entry.message().body()).append('\n');
        }
        return allocator.buffer().writeBytes(lines.toString().getBytes(StandardCharsets.UTF_8));
    };

    final List<String> bodies = new ArrayList<>();
    final List<Gap> gaps = new ArrayList<>();
    MessageId start = MessageId.MIN;
    Runnable onWrite = () -> {};
    Runnable onKeepAlive = () -> {};
    Limit limit;
    int writes;
    int keepAlives;
    boolean stuck;

    RecordingReader(Channel channel) {
        super(channel, null);
    }

    void writable(boolean is) {
        channel().unsafe().outboundBuffer().setUserDefinedWritability(1, is);
        if (is) {
            writabilityChanged();
        }
    }

    @Override
    protected Limit limit() {
        return limit;
    }

    @Override
    protected void write(ByteBuf encoded, Batch batch) {
        writes++;
        try {
            bodies.addAll(encoded.toString(StandardCharsets.UTF_8).lines().toList());
        } finally {
            encoded.release();
        }
        Runnable once = onWrite;
        onWrite = () -> {};
        once.run();
    }

    @Override
    protected void gap(Gap gap) {
        gaps.add(gap);
    }

    @Override
    protected void keepAlive() {
        keepAlives++;
        onKeepAlive.run();
    }

    @Override
    protected void stuck() {
        stuck = true;
        leave();
    }
}
