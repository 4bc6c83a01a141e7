package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.IoTransport;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WarmupTest {
    /** A failure of the warm-up is only logged, so a change of the protocol that breaks it must be noticed here. */
    @Test
    void everyTransportReadsTheMessagesOfEachRound() throws IOException {
        assertThat(Warmup.run(IoTransport.AUTO, 3, Duration.ofMinutes(1))).isEqualTo(3 * 4);
    }
}
