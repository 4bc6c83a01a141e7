package dev.confab.demo;

import dev.confab.netty.RawHttp;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A command line of curl, which can be run with curl or by sending the same request over a socket. */
final class CurlCommand {
    /** A word of the command line, in single quotes, in double quotes or without quotes. */
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    private static final String BOUNDARY = "------------------------d74496d66958873e";

    private final List<String> words;
    private final int port;

    private CurlCommand(List<String> words, int port) {
        this.words = words;
        this.port = port;
    }

    /**
     * @param line the command with the server's default address
     * @param port the port of the server, which replaces the default
     */
    static CurlCommand of(String line, int port) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line.replace("localhost:8080", "localhost:" + port));
        while (word.find()) {
            words.add(Stream.of(1, 2, 3)
                    .map(word::group)
                    .filter(text -> text != null)
                    .findFirst()
                    .orElseThrow());
        }
        return new CurlCommand(words, port);
    }

    static boolean isInstalled() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "curl")));
    }

    /** Starts curl. The future has its output after its end. */
    CompletableFuture<String> startProcess() {
        try {
            ProcessBuilder builder = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().put("no_proxy", "localhost");
            Process curl = builder.start();
            return output(() -> {
                try {
                    return new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends the request that curl would send. The future has the body of the response. */
    CompletableFuture<String> startRequest() {
        RawHttp http = new RawHttp(port);
        http.send(request().getBytes(StandardCharsets.UTF_8));
        return output(() -> {
            try (http) {
                return http.read().body();
            }
        });
    }

    private static CompletableFuture<String> output(java.util.function.Supplier<String> read) {
        return CompletableFuture.supplyAsync(read, task -> {
            Thread thread = new Thread(task, "curl");
            thread.setDaemon(true);
            thread.start();
        });
    }

    private String request() {
        List<String> headers = new ArrayList<>();
        List<String> data = new ArrayList<>();
        List<String> fields = new ArrayList<>();
        String method = null;
        String url = "";
        for (int i = 1; i < words.size(); i++) {
            switch (words.get(i)) {
                case "-H", "--header" -> headers.add(words.get(++i));
                case "-X", "--request" -> method = words.get(++i);
                case "-d", "--data" -> data.add(words.get(++i));
                case "-F", "--form" -> fields.add(words.get(++i));
                default -> url = words.get(i);
            }
        }
        String body = fields.isEmpty() ? String.join("&", data) : multipart(fields);
        if (headers.isEmpty() && !body.isEmpty()) {
            headers.add("Content-Type: "
                    + (fields.isEmpty()
                            ? "application/x-www-form-urlencoded"
                            : "multipart/form-data; boundary=" + BOUNDARY));
        }
        if (!body.isEmpty()) {
            headers.add("Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length);
        }
        String verb = method == null ? (body.isEmpty() ? "GET" : "POST") : method;
        String target = url.replaceFirst("^http://[^/]*", "");
        String more = headers.isEmpty() ? "" : String.join("\r\n", headers) + "\r\n";
        return verb + " " + target + " HTTP/1.1\r\nHost: localhost:" + port
                + "\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n" + more + "\r\n" + body;
    }

    private static String multipart(List<String> fields) {
        StringBuilder body = new StringBuilder();
        for (String field : fields) {
            int equals = field.indexOf('=');
            body.append("--")
                    .append(BOUNDARY)
                    .append("\r\nContent-Disposition: form-data; name=\"")
                    .append(field, 0, equals)
                    .append("\"\r\n\r\n")
                    .append(field.substring(equals + 1))
                    .append("\r\n");
        }
        return body + "--" + BOUNDARY + "--\r\n";
    }
}
