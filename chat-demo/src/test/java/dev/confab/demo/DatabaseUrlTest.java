package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the texts that are derived from a URL, and that none of them contains a secret. */
final class DatabaseUrlTest {
    private static final String POSTGRES_FORMS =
            "postgres://user:password@host/database or jdbc:postgresql://host/database";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgres://host/db | postgres://host/db | jdbc:postgresql://host/db",
                "  postgres://host/db\t | postgres://host/db | jdbc:postgresql://host/db",
                "POSTGRES://host/db | POSTGRES://host/db | jdbc:postgresql://host/db",
                "postgresql://u:p@host:5433/db | postgresql://…@host:5433/db | jdbc:postgresql://host:5433/db",
                "postgres://u:p@chat_db:5432/chat | postgres://…@chat_db:5432/chat | jdbc:postgresql://chat_db:5432/chat",
                "postgres://u:p@host:/db | postgres://…@host/db | jdbc:postgresql://host/db",
                "postgres://u:p@[::1]/db | postgres://…@[::1]/db | jdbc:postgresql://[::1]/db",
                "postgres://u:p@[2001:db8::1]:5433/db | postgres://…@[2001:db8::1]:5433/db"
                        + " | jdbc:postgresql://[2001:db8::1]:5433/db",
                "postgres://u:p@one:5432,two,[::1]:7/db | postgres://…@one:5432,two,[::1]:7/db"
                        + " | jdbc:postgresql://one:5432,two,[::1]:7/db",
                "postgres://u:p@host/a%2Fb%40c+d | postgres://…@host/a%2Fb%40c%2Bd | jdbc:postgresql://host/a%2Fb%40c%2Bd",
                "postgres://host/db?sslmode=require | postgres://host/db | jdbc:postgresql://host/db",
                "jdbc:postgresql://host/db?user=u&password=p | jdbc:postgresql://host/db | jdbc:postgresql://host/db",
                "jdbc:postgresql://chat_db:5432/db | jdbc:postgresql://chat_db:5432/db | jdbc:postgresql://chat_db:5432/db",
                "jdbc:postgresql://host/ | jdbc:postgresql://host/ | jdbc:postgresql://host/",
                "jdbc:postgresql:///db | jdbc:postgresql:///db | jdbc:postgresql:///db",
                "jdbc:postgresql:db | jdbc:postgresql:db | jdbc:postgresql:db",
                "jdbc:postgresql://host/db?service=x&PGPORT=7 | jdbc:postgresql://host/db"
                        + " | jdbc:postgresql://host/db?service=x&PGPORT=7",
                "memory | memory | memory",
                "jdbc:h2:file:./data/chat | jdbc:h2:file:./data/chat | jdbc:h2:file:./data/chat",
                "jdbc:h2:./x;USER=me;CACHE_SIZE=1;password=p;TIME ZONE=UTC; | jdbc:h2:./x"
                        + " | jdbc:h2:./x;CACHE_SIZE=1;TIME ZONE=UTC",
            })
    void aUrlIsParsed(String given, String shown, String jdbcUrl) {
        DatabaseUrl url = DatabaseOption.parse("--database-url", given);
        assertThat(url.shown()).isEqualTo(shown).hasToString(url.toString());
        assertThat(url.jdbcUrl()).isEqualTo(jdbcUrl);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgres://ops:Sec%2Fr%40t+:x%25@host/db | ops | Sec/r@t+:x%",
                "postgres://o%3Aps@host/db | o:ps | ",
                "postgres://ops:@host/db | ops | ''",
                "postgres://host/db?user=ops&password=Sec%26r@t | ops | Sec&r@t",
                "jdbc:postgresql://host/db?user=ops@server&password=Sec#r%2Ft | ops@server | Sec#r/t",
                "jdbc:h2:./x;USER=me;PASSWORD=Sec\\;ret | me | Sec;ret",
                "jdbc:h2:./x | sa | ",
            })
    void userAndPasswordBecomeProperties(String given, String user, String password) {
        Properties properties = DatabaseOption.parse("--database-url", given).properties();
        assertThat(properties.getProperty("user")).isEqualTo(user);
        assertThat(properties.getProperty("password")).isEqualTo(password);
    }

    @Test
    void parametersBecomeProperties() {
        DatabaseUrl url = DatabaseOption.parse(
                "--database-url",
                "postgres://host/db?sslpassword=p&passwrd=q&socketTimeout=7&options=-c%20a%3Db+c&flag&target=x");
        assertThat(url.properties())
                .containsEntry("sslpassword", "p")
                .containsEntry("passwrd", "q")
                .containsEntry("socketTimeout", "7")
                .containsEntry("connectTimeout", "5")
                .containsEntry("options", "-c a=b c")
                .containsEntry("flag", "")
                .doesNotContainKey("targetServerType");
    }

    @Test
    void severalHostsMeanAConnectionToThePrimary() {
        assertThat(DatabaseOption.parse("--database-url", "postgres://one,two/db")
                        .properties())
                .containsEntry("targetServerType", "primary");
        assertThat(DatabaseOption.parse("--database-url", "jdbc:postgresql://one,two/db?targetServerType=any")
                        .properties())
                .containsEntry("targetServerType", "any");
    }

    /** In each URL, Sec and ret (or 12 and 34) are parts of a password. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://ops:Sec/ret@host/db",
                "postgres://ops:Sec@ret@host/db",
                "postgres://ops:Sec/r@ret@host/db",
                "postgres://ops:Sec?ret@host/db",
                "postgres://ops:Sec#ret@host/db",
                "postgres://ops:Sec ret@host/db",
                "postgres://ops:Sec%ret@host/db",
                "postgres://ops:Sec[ret@ho[st/db",
                "postgres://ops:12/34@host/db",
                "postgres://ops:12/3/4@host/db",
                "postgres://ops:12?34@host/db",
                "postgres://ops:12/3?4@host/db",
                "postgres://ops:12/3?a=34@host/db",
                "postgres://ops:12/3#4@host/db",
                "postgres://Sec:ret@host:port/db",
                "postgres://Sec:ret@host:0/db",
                "postgres://Sec:ret@host:65536/db",
                "postgres://Sec:ret@one,,two/db",
                "postgres://Sec:ret@::1/db",
                "postgres://Sec:ret@host/a/b",
                "postgres://host/db?password=Sec%ret",
                "postgres://host/db?password=Sec#ret",
                "postgres://host/db?passwort=Sec@ret",
                "jdbc:postgresql:ops:Secret",
                "jdbc:postgresql:/Sec/ret",
                "jdbc:postgresql://ops:Secret",
                "jdbc:postgresql://ops:Sec/ret",
            })
    void anAmbiguousUrlIsRefusedWithOnlyItsSchemeShown(String url) {
        String scheme = url.replaceFirst("(:/?/?)[^/:].*", "$1…").replace("postgresql:/…", "postgresql:…");
        scheme = url.startsWith("jdbc:postgresql://") ? "jdbc:postgresql://…" : scheme;
        scheme = url.startsWith("jdbc:postgresql:") && !url.contains("//") ? "jdbc:postgresql:…" : scheme;
        assertThatThrownBy(() -> DatabaseOption.parse("--database-url", url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessage("--database-url: " + scheme + " cannot be read (expected: " + POSTGRES_FORMS
                        + "; in a user name or password write % as %25, / as %2F, ? as %3F, # as %23, @ as %40,"
                        + " a blank as %20, and in a user name : as %3A)");
        assertThat(DatabaseOption.shown(url)).isEqualTo(scheme);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "jdbc:postgresql://ops:Secret@host | jdbc:postgresql://… has a user before @ (expected: "
                        + "postgres://user:password@host/database, or jdbc:postgresql://host/database?user=…&password=…)",
                "jdbc:postgresql:ops:Sec/ret@host/db | jdbc:postgresql:… has a user before @ (expected: "
                        + "postgres://user:password@host/database, or jdbc:postgresql://host/database?user=…&password=…)",
                "postgres://ops:Secret@host | postgres://… names no database (expected: " + POSTGRES_FORMS + ")",
                "postgres://ops:Secret@host/ | postgres://… names no database (expected: " + POSTGRES_FORMS + ")",
                "jdbc:postgresql://host?password=Secret | jdbc:postgresql://… names no database (expected: "
                        + POSTGRES_FORMS + ")",
                "postgres://ops:Secret@/db | postgres://… names no host (expected: " + POSTGRES_FORMS
                        + "; the driver does not connect to Unix sockets)",
                "postgres:///db?host=/var/run/postgresql | postgres://… names no host (expected: " + POSTGRES_FORMS
                        + "; the driver does not connect to Unix sockets)",
                "postgres://ops:Secret@%2Fvar%2Frun/db | postgres://… names a Unix socket"
                        + " (expected: a host: the driver connects to host names and addresses)",
                "postgres://host/db?host=/var/run&password=Secret | postgres://… names a Unix socket"
                        + " (expected: a host: the driver connects to host names and addresses)",
                "postgres://host/db?host=other | postgres://… has the parameter host (expected: " + POSTGRES_FORMS
                        + ")",
                "postgress://ops:Secret@host/db | postgress://… (expected: memory, jdbc:h2:…, " + POSTGRES_FORMS + ")",
                "jdbc:postgres://ops:Secret@host/db | jdbc:postgres://… (expected: memory, jdbc:h2:…, " + POSTGRES_FORMS
                        + ")",
                "mysql://ops:Secret@host/db | mysql://… (expected: memory, jdbc:h2:…, " + POSTGRES_FORMS + ")",
                "ops:Secret@host/db | … (expected: memory, jdbc:h2:…, " + POSTGRES_FORMS + ")",
                "Secret | … (expected: memory, jdbc:h2:…, " + POSTGRES_FORMS + ")",
                "\"\" | (empty) (expected: memory, jdbc:h2:…, " + POSTGRES_FORMS + ")",
                "jdbc:h2:./x?password=Secret | jdbc:h2:… has settings after a question mark (expected: settings after a"
                        + " semicolon, as in jdbc:h2:file:./data/chat;CACHE_SIZE=65536)",
                "jdbc:h2:tcp://sa:Sec/ret@host/x | jdbc:h2:… has a user before @ (expected: jdbc:h2:file:./data/chat)",
                "jdbc:h2:./x;PASSWORD=Sec;ret | jdbc:h2:… has a setting without a value (expected: ;NAME=value, with a"
                        + " semicolon in a value as \\;)",
                "jdbc:h2:./x;INIT=create user a password 'Secret' | jdbc:h2:… has INIT with a password (expected: none:"
                        + " H2 shows the statements of INIT that fail)",
            })
    void otherMistakesAreNamed(String url, String message) {
        assertThatThrownBy(() -> DatabaseOption.parse("--database-url", url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessage("--database-url: " + message);
    }
}
