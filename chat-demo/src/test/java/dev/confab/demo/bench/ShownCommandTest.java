package dev.confab.demo.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks that the command line shown in a report contains no secrets, because other people read reports. */
final class ShownCommandTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--nodes | --nodes",
                "--url=http://10.0.0.7:8080 | --url=http://10.0.0.7:8080",
                "postgres://ops:secret@host/db | postgres://…@host/db",
                "--database-url=postgres://ops:sec/ret@host/db | --database-url=postgres://…",
                "jdbc:h2:file:./x;PASSWORD=secret | jdbc:h2:file:./x",
                "-Xmx2g -XX:NewRatio=2 -Da=b | -Xmx2g -XX:NewRatio=2 -Da=b",
                "-Xmx2g -Djavax.net.ssl.trustStorePassword=secret -Da=b | -Xmx2g"
                        + " -Djavax.net.ssl.trustStorePassword=… -Da=b",
                "-Durl=jdbc:postgresql://host/db?password=secret -Xmx2g | -Durl=jdbc:postgresql://host/db -Xmx2g",
                "--server-java-options=-Dx.password=secret | --server-java-options=…",
            })
    void anArgumentIsShownWithoutSecrets(String argument, String shown) {
        assertThat(ShownCommand.argument(argument)).isEqualTo(shown);
    }
}
