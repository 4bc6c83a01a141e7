package dev.confab.sse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SseConfigTest {
    private static final SseConfig DEFAULTS = SseConfig.defaults();

    @Test
    void theDefaultsAreThoseOfTheProtocol() {
        assertThat(DEFAULTS)
                .isEqualTo(new SseConfig(Duration.ofSeconds(15), Duration.ofSeconds(2), Duration.ofSeconds(60)));
    }

    @Test
    void aChangedSettingLeavesTheOthersUnchanged() {
        assertThat(DEFAULTS.withHeartbeat(Duration.ZERO)
                        .withRetry(Duration.ofMillis(5))
                        .withStuckAfter(Duration.ofSeconds(1)))
                .isEqualTo(new SseConfig(Duration.ZERO, Duration.ofMillis(5), Duration.ofSeconds(1)));
    }

    @Test
    void aNegativeHeartbeatIsRefused() {
        assertThatThrownBy(() -> DEFAULTS.withHeartbeat(Duration.ofSeconds(-1)))
                .hasMessage("heartbeat: PT-1S (expected: 0 or more)");
    }

    @Test
    void aRetryTimeOfZeroIsRefused() {
        assertThatThrownBy(() -> DEFAULTS.withRetry(Duration.ZERO))
                .hasMessage("retry: PT0S (expected: 1 ms to 12 days)");
    }

    @Test
    void aRetryTimeAboveTheIntRangeIsRefused() {
        assertThatThrownBy(() -> DEFAULTS.withRetry(Duration.ofDays(13)))
                .hasMessage("retry: PT312H (expected: 1 ms to 12 days)");
    }
}
