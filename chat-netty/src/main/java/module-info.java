/** The parts on Netty that all transports share: HTTP server, publish endpoint, fan-out, HTTP errors. */
module dev.confab.netty {
    requires transitive dev.confab.core;
    requires transitive io.netty.buffer;
    requires transitive io.netty.codec.http;
    requires transitive io.netty.common;
    requires transitive io.netty.transport;
    requires io.github.bucket4j.core;
    requires io.netty.codec;
    requires io.netty.handler;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;
    requires org.slf4j;
    requires tools.jackson.core;
    // Optional: an application that uses io_uring adds it.
    requires static io.netty.transport.classes.io_uring;
    requires static transitive org.jspecify;

    exports dev.confab.netty;
}
