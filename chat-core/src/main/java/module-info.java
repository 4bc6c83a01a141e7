/** Framework-free core: model, ids, order, stores, subscriptions and the JSON form. */
module dev.confab.core {
    requires com.github.f4b6a3.ulid;
    requires transitive java.sql;
    requires transitive org.jdbi.v3.core;
    requires org.slf4j;
    requires static transitive org.jspecify;
    // Of an application that keeps its log in H2.
    requires static com.h2database;
    requires tools.jackson.core;

    exports dev.confab.core;
}
