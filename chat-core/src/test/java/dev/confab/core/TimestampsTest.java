package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TimestampsTest {
    /** The instants go back to an earlier second, and include a year before 1970 and a year of five digits. */
    @Test
    void anInstantIsFormattedWithThreeDigitsOfFraction() {
        assertThat(Stream.of(
                                "2026-11-22T07:54:39Z",
                                "2026-11-22T07:54:39.999999999Z",
                                "2026-11-22T07:54:40.001Z",
                                "2026-11-22T07:54:39.120Z",
                                "1969-12-31T23:59:59.987Z",
                                "+10000-01-01T00:00:00.045Z")
                        .map(Instant::parse)
                        .map(Timestamps::format))
                .containsExactly(
                        "2026-11-22T07:54:39.000Z",
                        "2026-11-22T07:54:39.999Z",
                        "2026-11-22T07:54:40.001Z",
                        "2026-11-22T07:54:39.120Z",
                        "1969-12-31T23:59:59.987Z",
                        "+10000-01-01T00:00:00.045Z");
    }
}
