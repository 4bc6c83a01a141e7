package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the form in which reports and errors show arguments. */
final class ShownArgumentTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "8080 | 8080",
                "::1 | ::1",
                "jdbc:h2:file:./data/chat | jdbc:h2:file:./data/chat",
                "jdbc:h2:file:./chat;PASSWORD=secret | jdbc:h2:file:./chat",
                "http://10.0.0.7:8080,http://10.0.0.8:8080 | http://10.0.0.7:8080,http://10.0.0.8:8080",
                "https://chat.example:443/ | https://chat.example:443/",
                "http://ops:secret@host | http://…",
                "http://ops:secret | http://…",
                "postgres://ops:secret@host/db?sslpassword=secret | postgres://…@host/db",
                "postgres://ops:sec@ret@host/db | postgres://…",
                "ops:secret@host | …",
                "password=secret | …",
            })
    void secretsAreLeftOut(String argument, String shown) {
        assertThat(ShownArgument.of(argument)).isEqualTo(shown);
    }
}
