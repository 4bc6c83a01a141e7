package dev.confab.spring;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatListener;
import dev.confab.core.ChatService;
import dev.confab.micrometer.ChatMetrics;
import dev.confab.micrometer.ServerMetrics;
import dev.confab.netty.Routes;
import dev.confab.netty.ServerListener;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/**
 * Measures service and server, if the application has a {@code MeterRegistry} and the module {@code chat-micrometer}.
 * An application with a {@link ChatConfig} or a {@code ChatServerConfig} of its own gives the listener to that bean
 * itself.
 */
@AutoConfiguration(before = ConfabAutoConfiguration.class, afterName = ConfabMetricsAutoConfiguration.REGISTRIES)
@ConditionalOnClass({MeterRegistry.class, ChatMetrics.class})
@ConditionalOnSingleCandidate(MeterRegistry.class)
public class ConfabMetricsAutoConfiguration {
    /** The last of Spring Boot's configurations of registries. */
    static final String REGISTRIES =
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration";

    @Bean
    @ConditionalOnMissingBean(ChatListener.class)
    ChatMetrics confabChatMetrics(MeterRegistry registry) {
        return new ChatMetrics(registry);
    }

    @Bean
    @ConditionalOnMissingBean(ServerListener.class)
    ServerMetrics confabServerMetrics(MeterRegistry registry) {
        return new ServerMetrics(registry);
    }

    @Bean
    @ConditionalOnBean(ChatMetrics.class)
    SmartInitializingSingleton confabChatGauges(ChatMetrics metrics, ChatService chat) {
        return () -> metrics.bindTo(chat);
    }

    @Bean
    @ConditionalOnBean(ServerMetrics.class)
    ServerObserver confabServerGauges(ServerMetrics metrics, Routes routes) {
        return server -> {
            metrics.bindTo(routes);
            metrics.bindTo(server);
        };
    }
}
