package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class QueryTest {
    @Test
    void namesAndValuesAreDecoded() {
        Query query = Query.of("/messages?a=1&b=%C3%BC+x&%72oom=den&room=lobby&=&c&d==&f=&f=2&room=");

        assertThat(query.first("a")).isEqualTo("1");
        assertThat(query.first("b")).isEqualTo("ü x");
        assertThat(query.all("room")).containsExactly("den", "lobby");
        assertThat(query.first("c")).isNull();
        assertThat(query.first("f")).isEqualTo("2");
        assertThat(query.first("d")).isEqualTo("=");
        assertThat(query.first("e")).isNull();
        assertThat(query.all("e")).isEmpty();
    }

    @Test
    void aMissingQueryHasNoValues() {
        assertThat(Query.of("/messages").all("room")).isEmpty();
        assertThat(Query.of("/messages?").all("room")).isEmpty();
        assertThat(Query.of("/messages?&&").all("")).isEmpty();
    }

    @Test
    void anInvalidQueryIsRefused() {
        for (String broken : new String[] {"%", "%4", "%4g", "%g4", "%c3", "%ff", "%c0%80", "%ed%a0%80"}) {
            assertThatThrownBy(() -> Query.of("/?x=" + broken).first("y"))
                    .as(broken)
                    .isInstanceOf(HttpException.class)
                    .hasMessageStartingWith("x: " + broken + " (expected: ");
        }
        assertThatThrownBy(() -> Query.of("/?" + "x&".repeat(257)).first("y")).isInstanceOf(HttpException.class);
    }

    @Test
    void twoValuesWhereOneIsExpectedAreRefused() {
        assertThatThrownBy(() -> Query.of("/?x=1&x=1").first("x"))
                .isInstanceOf(HttpException.class)
                .hasMessage("x: is given twice (expected: one value)");
    }
}
