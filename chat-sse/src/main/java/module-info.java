/** The Server-Sent Events transport: sends messages as an event stream. */
module dev.confab.sse {
    requires transitive dev.confab.netty;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.confab.sse;
}
