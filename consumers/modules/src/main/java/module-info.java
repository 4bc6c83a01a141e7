/** A consumer on the module path. */
module app {
    requires dev.confab.jdbi;
    requires dev.confab.websocket;
    requires com.h2database;
}
