package dev.confab.spring;

import dev.confab.jdbi.PostgresServer;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The starter on PostgreSQL. */
@DirtiesContext
final class PostgresStarterTest extends StarterContract {
    @DynamicPropertySource
    static void database(DynamicPropertyRegistry properties) {
        String url = PostgresServer.newSchema();
        properties.add("spring.datasource.url", () -> url);
    }
}
