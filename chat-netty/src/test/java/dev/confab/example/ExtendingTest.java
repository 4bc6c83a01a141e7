package dev.confab.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Checks that docs/extending.md shows code of the examples, which are compiled and tested. */
final class ExtendingTest {
    /** A block of code, without the braces at its end, because a page leaves out the end of a class. */
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)[}\\s]*\n```", Pattern.DOTALL);

    private static final List<Path> EXAMPLES = List.of(
            Path.of("../chat-core/src/test/java/dev/confab/example/FileMessageStore.java"),
            Path.of("../chat-core/src/test/java/dev/confab/example/FileMessageStoreTest.java"),
            Path.of("../chat-netty/src/test/java/dev/confab/example/LinesHandler.java"),
            Path.of("../chat-netty/src/test/java/dev/confab/example/LinesContractTest.java"));

    @Test
    void theCodeOfThePageIsInTheExamples() throws IOException {
        StringBuilder examples = new StringBuilder();
        for (Path example : EXAMPLES) {
            examples.append(withoutIndentation(Files.readString(example)));
        }
        String page = Files.readString(Path.of("../docs/extending.md"));
        Matcher block = BLOCK.matcher(page);
        assertThat(block.results()).hasSize(7);
        block.reset();
        while (block.find()) {
            assertThat(examples).contains(withoutIndentation(block.group(1)));
        }
    }

    private static String withoutIndentation(String code) {
        return code.replaceAll("\n +", "\n");
    }
}
