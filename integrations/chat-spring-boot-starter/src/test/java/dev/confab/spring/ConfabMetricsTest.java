package dev.confab.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatListener;
import dev.confab.core.Draft;
import dev.confab.core.Room;
import dev.confab.micrometer.ChatMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The starter in an application with a registry of meters. */
final class ConfabMetricsTest {
    private final ApplicationContextRunner plain = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(ConfabAutoConfiguration.class, ConfabMetricsAutoConfiguration.class))
            .withPropertyValues("confab.port=0");

    private final ApplicationContextRunner application = plain.withConfiguration(AutoConfigurations.of(
            MetricsAutoConfiguration.class,
            CompositeMeterRegistryAutoConfiguration.class,
            SimpleMetricsExportAutoConfiguration.class));

    @Test
    void serviceReadersAndServerAreMeasured() {
        application.run(context -> {
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            context.getBean(ConfabTemplate.class).publish(Draft.of(Room.LOBBY, "hello"));
            Http http = Http.to(context.getBean(ConfabServer.class));
            assertThat(http.get("/messages?wait=0").statusCode()).isEqualTo(200);
            assertThat(registry.get("confab.publish")
                            .tag("outcome", "stored")
                            .timer()
                            .count())
                    .isEqualTo(1);
            assertThat(registry.get("confab.tail").gauge().value()).isEqualTo(1);
            assertThat(registry.get("confab.connections").gauge().value()).isEqualTo(1);
            assertThat(registry.get("confab.deliveries")
                            .tag("transport", "longpoll")
                            .functionCounter()
                            .count())
                    .isEqualTo(1);
        });
    }

    @Test
    void withoutARegistryNothingIsMeasured() {
        plain.run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context).doesNotHaveBean(ChatMetrics.class);
            assertThat(context).hasSingleBean(ConfabServer.class);
        });
    }

    @Test
    void aListenerOfTheApplicationWins() {
        application.withBean("own", ChatListener.class, () -> ChatListener.NONE).run(context -> {
            assertThat(context).doesNotHaveBean(ChatMetrics.class);
            assertThat(context).hasSingleBean(ConfabServer.class);
        });
    }
}
