package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests that the bytes do not depend on the locale: locales with other lower-case rules, other digits or another
 * calendar give the same output. Each locale runs in a JVM of its own.
 */
@Timeout(60)
class LocaleTest {
    @Test
    void theBytesAreTheSameInEveryLocaleAndTimeZone() throws Exception {
        String expected = speak();
        assertThat(expected).contains("\"type\":\"join\"", "trimmed", "invalid_nick", "2026-11-21T19:30:00.000Z");
        assertThat(speakIn("tr-TR", "Pacific/Kiritimati")).isEqualTo(expected);
        assertThat(speakIn("ar-EG-u-nu-arab", "Africa/Cairo")).isEqualTo(expected);
        assertThat(speakIn("th-TH-u-ca-buddhist-nu-thai", "Asia/Kathmandu")).isEqualTo(expected);
    }

    private static String speakIn(String locale, String zone) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LocaleTest.class.getName(),
                        locale,
                        zone)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream out = process.getInputStream()) {
            return new String(out.readAllBytes(), StandardCharsets.UTF_8);
        } finally {
            process.destroy();
        }
    }

    /** The main method of the child process. It sets the defaults before any Confab class is loaded. */
    public static void main(String[] args) {
        Locale.setDefault(Locale.forLanguageTag(args[0]));
        TimeZone.setDefault(TimeZone.getTimeZone(args[1]));
        System.out.writeBytes(speak().getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    private static String speak() {
        MessageId id = MessageId.of(1_795_289_400_000L, 1, 2);
        StringBuilder said = new StringBuilder();
        for (Message.Type type : Message.Type.values()) {
            byte[] json = Entry.of(new Message(type, id, new Room("I-i.TITLE"), new Nick("Iıİi"), "INFO"))
                    .json();
            said.append(new String(json, StandardCharsets.UTF_8));
        }
        for (Gap.Cause cause : Gap.Cause.values()) {
            said.append(new String(new Gap(cause, id).json(), StandardCharsets.UTF_8));
        }
        for (Reason reason : Reason.values()) {
            said.append(reason.code()).append(' ');
        }
        said.append(Start.parse(id.toString().toLowerCase(Locale.ROOT)));
        said.append(MessageId.parse(id.toUuid().toString().toUpperCase(Locale.ROOT)));
        try {
            said.append(Start.last(-1_234_567));
        } catch (ChatException e) {
            said.append(e.getMessage());
        }
        try {
            said.append(ChatConfig.defaults().withTailBytes(-1_234_567));
        } catch (IllegalArgumentException e) {
            said.append(e.getMessage());
        }
        return said.toString();
    }
}
