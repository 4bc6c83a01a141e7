package dev.confab.jdbi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JdbiStoreConfigTest {
    private static final JdbiStoreConfig DEFAULTS = JdbiStoreConfig.defaults();

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a;b", "a.b", "\"a\"", "1a", "ä", "a-b"})
    void schemaIsAnIdentifier(String schema) {
        assertThatThrownBy(() -> DEFAULTS.withSchema(schema))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("schema: " + schema + " (expected: a letter or _, then up to 62 letters, digits and _)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Confab_", "a b", "a;b", "a.", "\"a\"", "1a", "_a", "a123456789012345678901234567890"})
    void prefixIsInLowerCase(String prefix) {
        assertThatThrownBy(() -> DEFAULTS.withTablePrefix(prefix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tablePrefix: " + prefix
                        + " (expected: a lower-case letter, then up to 29 lower-case letters, digits and _)");
    }

    @Test
    void namesHaveSchemaAndPrefix() {
        assertThat(DEFAULTS.table("message")).isEqualTo("confab_message");
        assertThat(DEFAULTS.withSchema("Chat").withTablePrefix("x").table("message"))
                .isEqualTo("Chat.xmessage");
    }
}
