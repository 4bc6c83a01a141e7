package dev.confab.spring;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.MessageStore;
import dev.confab.jdbi.JdbiMessageStore;
import dev.confab.jdbi.JdbiStoreConfig;
import dev.confab.jdbi.Notifier;
import dev.confab.jdbi.Outbox;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Keeps the log in the application's {@code DataSource}, if there is one, or one is primary. The tables are created
 * after Flyway, Liquibase and SQL scripts have run, because these refuse a schema that has tables already.
 */
@AutoConfiguration(after = DataSourceAutoConfiguration.class)
@ConditionalOnClass({JdbcTemplate.class, DataSourceAutoConfiguration.class})
@ConditionalOnSingleCandidate(DataSource.class)
@EnableConfigurationProperties(ConfabProperties.class)
public class ConfabJdbcAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    JdbiStoreConfig confabStoreConfig(ConfabProperties properties) {
        return JdbiStoreConfig.defaults()
                .withSchema(properties.schema())
                .withTablePrefix(properties.tablePrefix())
                .withSchemaMode(properties.schemaMode());
    }

    @Bean
    @ConditionalOnMissingBean(MessageStore.class)
    @DependsOnDatabaseInitialization
    JdbiMessageStore confabJdbiStore(DataSource database, JdbiStoreConfig config, ObjectProvider<Notifier> notifier) {
        return JdbiMessageStore.open(database, config, notifier.getIfAvailable());
    }

    @Bean
    @ConditionalOnBean(JdbiMessageStore.class)
    TransactionalOutbox confabOutbox(DataSource database, JdbiStoreConfig config) {
        return new TransactionalOutbox(new JdbcTemplate(database), Outbox.of(config));
    }

    /** Configures the recovery of H2 files. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(name = "org.h2.mvstore.MVStore", value = HikariDataSource.class)
    static class H2 {
        @Bean
        static H2FileRecovery confabH2FileRecovery() {
            return new H2FileRecovery();
        }
    }
}
