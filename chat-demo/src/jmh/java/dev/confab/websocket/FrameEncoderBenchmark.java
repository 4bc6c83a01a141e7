package dev.confab.websocket;

import dev.confab.netty.EncodeBenchmark;

/** See {@link EncodeBenchmark}. */
public class FrameEncoderBenchmark extends EncodeBenchmark {
    public FrameEncoderBenchmark() {
        super(new FrameEncoder());
    }
}
