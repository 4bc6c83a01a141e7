/** The log in a database: H2 or PostgreSQL. */
module dev.confab.jdbi {
    requires transitive dev.confab.core;
    requires transitive java.sql;
    requires transitive org.jdbi.v3.core;
    requires org.slf4j;
    // Jdbi uses this module, and has no descriptor that names it.
    requires io.leangen.geantyref;
    requires static transitive org.jspecify;
    // For an application that keeps its log in H2.
    requires static com.h2database;

    exports dev.confab.jdbi;
}
