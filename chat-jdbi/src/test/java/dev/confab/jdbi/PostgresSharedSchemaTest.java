package dev.confab.jdbi;

class PostgresSharedSchemaTest extends SharedSchemaContract {
    PostgresSharedSchemaTest() {
        super(new PostgresSchemaDatabase(), "_elsewhere");
    }
}
