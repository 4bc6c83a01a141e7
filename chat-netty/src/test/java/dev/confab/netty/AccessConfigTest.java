package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class AccessConfigTest {
    private static final AccessConfig CONFIG =
            AccessConfig.of(credentials -> CompletableFuture.completedFuture(Principal.of("ann")), Authorizer.ALL);

    @Test
    void aTimeThatMakesNoSenseIsRejected() {
        assertThatThrownBy(() -> CONFIG.withDecisionLifetime(Duration.ofSeconds(-1)))
                .hasMessage("decisionLifetime: PT-1S (expected: 0 to 365 days)");
        assertThatThrownBy(() -> CONFIG.withFirstFrame(Duration.ofSeconds(Long.MAX_VALUE)))
                .hasMessageStartingWith("firstFrame: ")
                .hasMessageEndingWith(" (expected: 0 to 365 days)");
        assertThatThrownBy(() -> CONFIG.withTokenLifetime(Duration.ofDays(365).plusNanos(1)))
                .hasMessage("tokenLifetime: PT8760H0.000000001S (expected: 0 to 365 days)");
    }

    @Test
    void aPrincipalHasAtLeastOneReader() {
        assertThatThrownBy(() -> CONFIG.withMaxReaders(0)).hasMessage("maxReaders: 0 (expected: 1 or more)");
    }
}
