package dev.confab.jdbi;

class H2OutboxTest extends OutboxContract {
    H2OutboxTest() {
        super(H2Database.inMemory(H2Database.PATIENT));
    }
}
