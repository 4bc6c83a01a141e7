package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real browser for the tests of a class. Each page has its own context. A test fails if a page logged an error on the
 * console, threw an exception, opened a dialog or violated the Content-Security-Policy. Not thread-safe.
 */
final class Chromium implements BeforeAllCallback, AfterTestExecutionCallback, AfterAllCallback {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    /** Options that keep the browser from sending requests to other machines. */
    private static final List<String> ARGS = List.of(
            "--no-sandbox",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run");

    /** A busy machine may pause for seconds, so only a failing test waits as long as this. */
    private static final int PATIENCE_MILLIS = 15_000;

    private final List<Page> pages = new ArrayList<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private Predicate<String> expected = complaint -> false;
    private Playwright playwright;
    private Browser browser;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        Optional<Path> executable = executable(NAMES);
        if (executable.isEmpty()) {
            tellSkipped(context.getDisplayName());
            abort("No Chromium on the PATH: the browser tests are left out");
        }
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new LaunchOptions()
                        .setExecutablePath(executable.orElseThrow())
                        .setArgs(ARGS));
    }

    /** Opens a page in a new window with its own storage. */
    Page open(String url) {
        return open(url, new Browser.NewContextOptions().setViewportSize(1280, 800));
    }

    Page open(String url, Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options);
        context.setDefaultTimeout(PATIENCE_MILLIS);
        Page page = context.newPage();
        pages.add(page);
        page.onConsoleMessage(this::listen);
        page.onPageError(error -> complaints.add("exception: " + error));
        page.onDialog(dialog -> {
            complaints.add("dialog: " + dialog.message());
            dialog.dismiss();
        });
        page.navigate(url);
        return page;
    }

    /**
     * Sets the console errors that the current test expects, for example the errors that the browser itself logs when
     * the test stops the server.
     */
    void expect(Predicate<String> complaint) {
        expected = complaint;
    }

    private void listen(ConsoleMessage message) {
        if (message.type().equals("error") || message.text().contains("Content Security Policy")) {
            complaints.add(message.text());
        }
    }

    /**
     * Closes the pages. This callback runs before the test's own {@code @AfterEach} methods: a page that is still open
     * after they have stopped the server would log an error.
     */
    @Override
    public void afterTestExecution(ExtensionContext context) {
        boolean failed = context.getExecutionException().isPresent();
        for (int i = 0; i < pages.size(); i++) {
            if (failed) {
                picture(pages.get(i), context.getRequiredTestMethod().getName() + "-" + i);
            }
            pages.get(i).context().close();
        }
        pages.clear();
        List<String> bad = complaints.stream().filter(expected.negate()).toList();
        complaints.clear();
        expected = complaint -> false;
        if (!failed) {
            assertThat(bad).as("errors on the console").isEmpty();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (playwright != null) {
            browser.close();
            playwright.close();
        }
    }

    private static void picture(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target", "browser", name + ".png")));
    }

    /** Returns the first of these programs that is on the PATH. */
    static Optional<Path> executable(List<String> names) {
        String path = System.getenv().getOrDefault("PATH", "");
        return names.stream()
                .flatMap(name -> Stream.of(path.split(File.pathSeparator)).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Writes the notice to a file too, because a test's standard output is not shown; the build prints this file. */
    private static void tellSkipped(String test) throws IOException {
        String text = "NO CHROMIUM HERE: the browser tests were left out (" + test + " and the like). Install it"
                + " (Debian: apt-get install chromium) to run them.";
        System.out.println(text);
        Files.writeString(Path.of("target", "browser-tests-skipped.txt"), text);
    }
}
