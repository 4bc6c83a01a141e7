package dev.confab.sse;

import dev.confab.netty.EncodeBenchmark;

/** See {@link EncodeBenchmark}. */
public class EventEncoderBenchmark extends EncodeBenchmark {
    public EventEncoderBenchmark() {
        super(new EventEncoder());
    }
}
