package dev.confab.demo;

import dev.confab.core.ChatService;
import dev.confab.netty.Endpoint;
import dev.confab.netty.EventClient;
import dev.confab.netty.RawHttp;
import dev.confab.netty.TransportContract;
import dev.confab.netty.TransportReader;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;

final class SseContractTest extends TransportContract {
    @Override
    protected Endpoint endpoint(ChatService chat) {
        return new SseHandler(chat, SseConfig.defaults());
    }

    @Override
    protected TransportReader connect(int port, String query) {
        return EventClient.open(new RawHttp(port), query);
    }
}
