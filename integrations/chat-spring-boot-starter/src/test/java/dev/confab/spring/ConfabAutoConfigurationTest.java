package dev.confab.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.Draft;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageStore;
import dev.confab.core.Room;
import dev.confab.netty.Authorizer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Decision;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The starter without a DataSource. */
@ExtendWith(OutputCaptureExtension.class)
final class ConfabAutoConfigurationTest {
    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    ConfabJdbcAutoConfiguration.class,
                    ConfabAutoConfiguration.class,
                    ConfabHealthAutoConfiguration.class))
            .withPropertyValues("confab.port=0");

    @Test
    void withoutADataSourceTheLogIsInMemory() {
        application.run(context -> {
            assertThat(context).hasSingleBean(InMemoryMessageStore.class);
            context.getBean(ConfabTemplate.class).publish(Draft.of(Room.LOBBY, "hello"));
            Http http = Http.to(context.getBean(ConfabServer.class));
            assertThat(http.get("/messages?wait=0").body()).contains("\"body\":\"hello\"");
            assertThat(http.get("/health").statusCode()).isEqualTo(200);
            assertThat(http.get("/presence").statusCode()).isEqualTo(200);
        });
    }

    @Test
    void aUrlWithoutADataSourceIsReported(CapturedOutput output) {
        application
                .withPropertyValues("spring.datasource.url=jdbc:h2:mem:planted")
                .run(context -> assertThat(context).hasSingleBean(InMemoryMessageStore.class));
        assertThat(output)
                .contains("spring.datasource.url: there is no DataSource, so the log is in memory")
                .doesNotContain("planted");
    }

    @Test
    void anAuthorizerThatNothingAsksStopsTheStart() {
        Authorizer authorizer = (principal, room, operation) -> Decision.of(false);
        application
                .withBean("authorizer", Authorizer.class, () -> authorizer)
                .run(
                        context -> assertThat(context)
                                .getFailure()
                                .rootCause()
                                .hasMessage(
                                        "Authorizer: nothing asks this bean, so everybody may do everything"
                                                + " (expected: an Authenticator too, or the JwtDecoder of an OAuth 2 resource server)"));
    }

    @Test
    void beansOfTheApplicationWin() {
        MessageStore store = new InMemoryMessageStore();
        ChatConfig config = ChatConfig.defaults().withTailBytes(1 << 20);
        application
                .withBean("own", MessageStore.class, () -> store)
                .withBean("config", ChatConfig.class, () -> config)
                .run(context -> {
                    assertThat(context.getBean(MessageStore.class)).isSameAs(store);
                    assertThat(context.getBean(ChatConfig.class)).isSameAs(config);
                    assertThat(context).hasSingleBean(ChatService.class);
                });
    }

    @Test
    void thePropertiesConfigureTheServer() {
        application
                .withPropertyValues(
                        "confab.prefix=/chat",
                        "confab.transports=long-poll",
                        "confab.retention.max-age=30d",
                        "confab.retention.max-entries=5000")
                .run(context -> {
                    Http http = Http.to(context.getBean(ConfabServer.class));
                    assertThat(http.get("/chat/messages?wait=0").statusCode()).isEqualTo(200);
                    assertThat(http.get("/chat/events").statusCode()).isEqualTo(404);
                    assertThat(context.getBean(ChatConfig.class).retention().maxAge())
                            .isEqualTo(Duration.ofDays(30));
                    assertThat(context.getBean(ChatConfig.class).retention().maxEntries())
                            .isEqualTo(5000);
                });
    }

    @Test
    void anImmediateShutdownDoesNotDrain() {
        application
                .withPropertyValues("server.shutdown=immediate")
                .run(context -> assertThat(
                                context.getBean(ChatServerConfig.class).drainTimeout())
                        .isEqualTo(Duration.ZERO));
    }

    @Test
    void aWaitingPollIsAnsweredWhenTheApplicationStops() throws Exception {
        CompletableFuture<HttpResponse<String>> poll = new CompletableFuture<>();
        application.run(context -> {
            Http http = Http.to(context.getBean(ConfabServer.class));
            String nick = "/messages?after=latest&wait=60&nick=ann";
            http.begin(nick).whenComplete((response, failure) -> {
                if (failure == null) {
                    poll.complete(response);
                } else {
                    poll.completeExceptionally(failure);
                }
            });
            // The join shows that the poll has arrived.
            assertThat(http.get("/messages?wait=20").body()).contains("\"type\":\"join\"");
        });
        assertThat(poll.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
}
