package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** The consumer of Spring Boot 3 tests the check with the jars of Netty 4.1. */
final class NettyVersionTest {
    @Test
    void theVersionOfTheBuildIsAccepted() {
        assertThatCode(NettyVersion::check).doesNotThrowAnyException();
    }

    @Test
    void anOlderVersionIsRefusedInOneSentenceThatNamesTheProperty() {
        assertThatThrownBy(() -> NettyVersion.check(Map.of("netty-transport", "4.1.137.Final")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Netty: netty-transport 4.1.137.Final (expected: 4.2.18.Final or newer;"
                        + " with Spring Boot, set the property netty.version)");
        assertThatThrownBy(() -> NettyVersion.check(
                        Map.of("netty-transport", "4.2.20.Final", "netty-codec-http", "4.2.9.Final")))
                .hasMessageStartingWith("Netty: netty-codec-http 4.2.9.Final (expected:");
    }

    @Test
    void newerAndUnknownVersionsAreAccepted() {
        assertThatCode(() -> NettyVersion.check(Map.of("netty-transport", "4.2.100.Final")))
                .doesNotThrowAnyException();
        assertThatCode(() -> NettyVersion.check(Map.of())).doesNotThrowAnyException();
    }
}
