/** The long poll transport: reads messages over HTTP. */
module dev.confab.longpoll {
    requires transitive dev.confab.netty;
    requires tools.jackson.core;
    requires static transitive org.jspecify;

    exports dev.confab.longpoll;
}
