package dev.confab.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Tests that the whole files in the documents are the compiled ones. */
final class WholeFilesTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern SHOWN = Pattern.compile("<!-- file: (\\S+) -->\n```java\n(.*?)```\n", Pattern.DOTALL);

    @Test
    void eachFileInADocumentIsTheCompiledOne() throws IOException {
        List<String> shown = new ArrayList<>();
        try (Stream<Path> pages = Files.list(ROOT.resolve("docs"))) {
            for (Path page :
                    pages.filter(file -> file.toString().endsWith(".md")).toList()) {
                Matcher file = SHOWN.matcher(Files.readString(page));
                while (file.find()) {
                    assertThat(file.group(2))
                            .as(file.group(1))
                            .isEqualTo(Files.readString(ROOT.resolve(file.group(1))));
                    shown.add(file.group(1).replaceFirst(".*/", ""));
                }
            }
        }
        assertThat(shown)
                .contains("ChatApplication.java", "Printer.java", "OwnServer.java", "TokenGuard.java", "Ordering.java");
    }
}
