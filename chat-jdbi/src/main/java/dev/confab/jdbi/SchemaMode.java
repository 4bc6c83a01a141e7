package dev.confab.jdbi;

/** The treatment of the tables when a store is opened. */
public enum SchemaMode {
    /** Creates missing tables and migrates older ones. The role needs the right to create and alter tables. */
    CREATE,
    /**
     * Checks the tables and changes none of them. On PostgreSQL, a role with SELECT, INSERT, UPDATE and DELETE is
     * enough. When tables are missing or older, the exception names the SQL file to apply.
     */
    VALIDATE,
    /** Does not look at the tables. When a table is missing, the first statement that needs it fails. */
    NONE
}
