package dev.confab.longpoll;

import dev.confab.netty.EncodeBenchmark;

/** See {@link EncodeBenchmark}. */
public class PageEncoderBenchmark extends EncodeBenchmark {
    public PageEncoderBenchmark() {
        super(new PageEncoder());
    }
}
