package dev.confab.jdbi;

/**
 * The treatment of the tables when a store is opened. In each mode, the first start writes the first row of the log.
 */
public enum SchemaMode {
    /** Creates missing tables and migrates older ones. The role needs the right to create and alter tables. */
    CREATE,
    /**
     * Checks the tables and their columns, and alters no table. On PostgreSQL, a role with SELECT, INSERT, UPDATE and
     * DELETE is enough. When tables are missing or older, the exception names the SQL file to apply.
     */
    VALIDATE,
    /** Does not check the tables. When a table is missing, the first statement that needs it fails. */
    NONE
}
