package dev.confab.netty;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import java.time.Duration;

/** A server on a free port with an empty log, and connections of clients to the server. */
final class ServerFixture implements AutoCloseable {
    static final ChatServerConfig CONFIG = ChatServerConfig.defaults()
            .withAddress("127.0.0.1", 0)
            .withEventLoops(2)
            .withIo(IoTransport.valueOf(System.getProperty("confab.io", "AUTO")))
            .withDrain(Duration.ZERO, Duration.ofSeconds(10));

    final InMemoryMessageStore store = new InMemoryMessageStore();
    final ChatService chat = new ChatService(store, ChatConfig.defaults());
    final ParkingLot lot = new ParkingLot();
    final ChatServer server;

    ServerFixture() {
        this(CONFIG, HttpConfig.defaults());
    }

    ServerFixture(ChatServerConfig config, HttpConfig http) {
        server = ChatServer.start(
                config,
                Routes.of(new PublishHandler(chat), new HealthHandler(chat), lot)
                        .with(http));
    }

    RawHttp connect() {
        return new RawHttp(server.port());
    }

    @Override
    public void close() {
        server.close();
        chat.close();
        store.close();
    }
}
