package dev.confab.demo;

import dev.confab.core.ChatService;
import dev.confab.netty.Endpoint;
import dev.confab.netty.RawHttp;
import dev.confab.netty.TransportContract;
import dev.confab.netty.TransportReader;
import dev.confab.netty.WsClient;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;

final class WebSocketContractTest extends TransportContract {
    @Override
    protected Endpoint endpoint(ChatService chat) {
        return new WebSocketHandler(chat, WebSocketConfig.defaults());
    }

    @Override
    protected TransportReader connect(int port, String query) {
        return new WsClient(new RawHttp(port)).upgrade("?" + query);
    }
}
