package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the npm package of confab.js, installed in an empty project as a user would install it. */
@Timeout(120)
final class ClientPackageTest {
    static final Path PACKAGE = Path.of("..", "packages", "confab-client").toAbsolutePath();
    private static final Path BROWSER_PAGE = Path.of("..", "docs", "browser.md");
    private static final Pattern EXAMPLE = Pattern.compile("^```[jt]s\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    @TempDir
    static Path project;

    private static Node node;

    @BeforeAll
    static void install() throws IOException {
        install(project);
        node = Node.start(NodeConfig.inMemory());
    }

    @AfterAll
    static void stop() {
        if (node != null) {
            node.close();
        }
    }

    /** Packs the package, and installs it in a new project. */
    static void install(Path folder) throws IOException {
        NodeScript.npm(PACKAGE, "pack", "--pack-destination", folder.toString());
        Files.writeString(folder.resolve("package.json"), "{\"private\": true, \"type\": \"module\"}");
        NodeScript.npm(folder, "install", "./confab-chat-client-" + Version.number() + ".tgz");
    }

    @Test
    void thePackageHasTheListedFilesOnly() {
        JsonObject packed = JsonParser.parseString(NodeScript.npm(PACKAGE, "pack", "--dry-run", "--json"))
                .getAsJsonArray()
                .get(0)
                .getAsJsonObject();
        List<String> files = new ArrayList<>();
        for (JsonElement file : packed.getAsJsonArray("files")) {
            files.add(file.getAsJsonObject().get("path").getAsString());
        }
        assertThat(files).containsExactlyInAnyOrder("LICENSE", "README.md", "confab.d.ts", "confab.js", "package.json");
    }

    @Test
    void thePackageHasTheVersionOfTheModulesAndNoDependencies() throws IOException {
        JsonObject descriptor = JsonParser.parseString(Files.readString(PACKAGE.resolve("package.json")))
                .getAsJsonObject();
        assertThat(descriptor.get("version").getAsString()).isEqualTo(Version.number());
        assertThat(descriptor.keySet()).doesNotContain("dependencies", "peerDependencies", "optionalDependencies");
        assertThat(PACKAGE.resolve("LICENSE")).hasSameTextualContentAs(Path.of("..", "LICENSE"));
    }

    /** The examples import the package by its name, or as a file beside them. */
    @ParameterizedTest
    @CsvSource({"esnext, bundler", "nodenext, nodenext"})
    void typesAndExamplesAreStrictlyTyped(String module, String resolution) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "--strict",
                "--exactOptionalPropertyTypes",
                "--noUncheckedIndexedAccess",
                "--noEmit",
                "--target",
                "es2022",
                "--lib",
                "es2022,dom",
                "--module",
                module,
                "--moduleResolution",
                resolution,
                "confab.d.ts"));
        for (String file : List.of("confab.js", "confab.d.ts")) {
            Files.writeString(project.resolve(file), Files.readString(PACKAGE.resolve(file)));
        }
        for (Path page : List.of(BROWSER_PAGE, PACKAGE.resolve("README.md"))) {
            List<String> examples = examples(page);
            assertThat(examples).as(page.toString()).isNotEmpty();
            for (String example : examples) {
                String file = "example-" + arguments.size() + ".ts";
                Files.writeString(project.resolve(file), example);
                arguments.add(file);
            }
        }
        NodeScript.tool(project, "tsc", arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 22})
    void theInstalledPackageChatsInNode(int version) throws IOException {
        Files.writeString(project.resolve("package.mjs"), Files.readString(NodeScript.CLIENTS.resolve("package.mjs")));
        NodeScript.run(version, project, line -> {}, "package.mjs", "http://127.0.0.1:" + node.port());
    }

    private static List<String> examples(Path page) throws IOException {
        List<String> examples = new ArrayList<>();
        Matcher example = EXAMPLE.matcher(Files.readString(page));
        while (example.find()) {
            examples.add(example.group(1));
        }
        return examples;
    }
}
