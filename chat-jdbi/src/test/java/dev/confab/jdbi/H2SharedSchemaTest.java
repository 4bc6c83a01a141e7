package dev.confab.jdbi;

class H2SharedSchemaTest extends SharedSchemaContract {
    H2SharedSchemaTest() {
        super(new H2SchemaDatabase(), ";INIT=create schema if not exists elsewhere\\;set schema elsewhere");
    }
}
