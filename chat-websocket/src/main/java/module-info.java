/** Reading and publishing over WebSocket. */
module dev.confab.websocket {
    requires transitive dev.confab.netty;
    requires static transitive org.jspecify;

    exports dev.confab.websocket;
}
