/** Reading by HTTP long poll. */
module dev.confab.longpoll {
    requires transitive dev.confab.netty;
    requires static transitive org.jspecify;

    exports dev.confab.longpoll;
}
