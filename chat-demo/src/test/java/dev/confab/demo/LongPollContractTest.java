package dev.confab.demo;

import dev.confab.core.ChatService;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.Endpoint;
import dev.confab.netty.PollClient;
import dev.confab.netty.RawHttp;
import dev.confab.netty.TransportContract;
import dev.confab.netty.TransportReader;

final class LongPollContractTest extends TransportContract {
    @Override
    protected Endpoint endpoint(ChatService chat) {
        return new LongPollHandler(chat, LongPollConfig.defaults());
    }

    @Override
    protected TransportReader connect(int port, String query) {
        return new PollClient(new RawHttp(port), query);
    }
}
