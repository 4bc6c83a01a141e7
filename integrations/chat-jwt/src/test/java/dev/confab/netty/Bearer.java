package dev.confab.netty;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;

/** Creates the credentials of requests, and reads the status of refusals, which other packages cannot. */
public final class Bearer {
    private Bearer() {}

    public static Credentials of(String token) {
        return new Credentials(token, new DefaultHttpHeaders(), new EmbeddedChannel());
    }

    /** Returns the status and the code that a client is sent for a failure, such as "401 unauthenticated". */
    public static String response(Throwable failure) {
        Problem problem = Problem.of(failure);
        return problem.status().code() + " " + problem.code();
    }
}
