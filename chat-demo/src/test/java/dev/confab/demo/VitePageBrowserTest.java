package dev.confab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Builds a small page with Vite and the npm package of confab.js, and chats in it from another origin. */
@Timeout(120)
final class VitePageBrowserTest {
    @RegisterExtension
    static final Chromium CHROMIUM = new Chromium();

    private static final Path SOURCE = NodeScript.CLIENTS.resolve("vite").resolve("index.html");

    @TempDir
    static Path project;

    private static HttpServer pages;
    private static Node node;

    @BeforeAll
    static void build() throws IOException {
        ClientPackageTest.install(project);
        Files.writeString(project.resolve("index.html"), Files.readString(SOURCE));
        NodeScript.tool(project, "vite", "build", "--logLevel", "warn");
        pages = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        pages.createContext("/", VitePageBrowserTest::serve);
        pages.start();
        node = Node.start(NodeConfig.inMemory().withAllowedOrigins(List.of(origin())));
    }

    @AfterAll
    static void stop() {
        if (pages != null) {
            pages.stop(0);
        }
        if (node != null) {
            node.close();
        }
    }

    @Test
    void thePageHasTwentyLines() throws IOException {
        assertThat(Files.readAllLines(SOURCE)).hasSizeLessThanOrEqualTo(20);
    }

    @Test
    void twoPagesChat() {
        Page ann = open("ann");
        Page bob = open("bob");
        send(ann, "hello");
        bob.waitForSelector("li:has-text('ann: hello')");
        send(bob, "hi");
        ann.waitForSelector("li:has-text('bob: hi')");
        assertThat(ann.locator("li").allTextContents()).containsExactly("ann: hello", "bob: hi");
    }

    private static Page open(String nick) {
        return CHROMIUM.open(origin() + "/?nick=" + nick + "&server=http://127.0.0.1:" + node.port());
    }

    private static void send(Page page, String text) {
        page.fill("input", text);
        page.click("button");
    }

    private static String origin() {
        return "http://127.0.0.1:" + pages.getAddress().getPort();
    }

    private static void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        byte[] content = Files.readAllBytes(
                project.resolve("dist").resolve(path.equals("/") ? "index.html" : path.substring(1)));
        exchange.getResponseHeaders().set("Content-Type", path.endsWith(".js") ? "text/javascript" : "text/html");
        exchange.sendResponseHeaders(200, content.length);
        exchange.getResponseBody().write(content);
        exchange.close();
    }
}
