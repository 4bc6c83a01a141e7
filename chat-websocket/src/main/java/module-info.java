/** Reading and publishing over WebSocket. */
module dev.confab.websocket {
    requires transitive dev.confab.netty;
    requires io.netty.codec;
    requires org.slf4j;
    requires tools.jackson.core;
    requires static transitive org.jspecify;

    exports dev.confab.websocket;
}
