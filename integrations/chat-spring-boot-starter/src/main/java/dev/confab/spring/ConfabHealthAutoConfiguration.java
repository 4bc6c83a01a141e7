package dev.confab.spring;

import dev.confab.core.ChatService;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** Adds the health of the log to the health of the application, under the name {@code confab}. */
@AutoConfiguration(after = ConfabAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(ChatService.class)
@ConditionalOnEnabledHealthIndicator("confab")
public class ConfabHealthAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean(name = "confabHealthIndicator")
    LogHealthIndicator confabHealthIndicator(ChatService chat) {
        return new LogHealthIndicator(chat);
    }
}
