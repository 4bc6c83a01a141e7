package dev.confab.spring;

import dev.confab.netty.ChatServer;

/** Learns of the server as soon as the server listens. */
interface ServerObserver {
    void started(ChatServer server);
}
