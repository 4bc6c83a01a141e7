package dev.confab.longpoll;

import dev.confab.core.ChatService;
import dev.confab.netty.Endpoint;
import dev.confab.netty.Sessions;
import java.time.Duration;
import java.util.List;

/** The endpoints of {@link PubSubHandler} with a wait that a test can await. */
public final class ShortWait {
    private ShortWait() {}

    public static List<Endpoint> of(ChatService chat, Duration maxWait) {
        return PubSubHandler.of(chat, new Sessions(), maxWait);
    }
}
