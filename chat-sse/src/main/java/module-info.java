/** Reading by Server-Sent Events. */
module dev.confab.sse {
    requires transitive dev.confab.netty;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.confab.sse;
}
