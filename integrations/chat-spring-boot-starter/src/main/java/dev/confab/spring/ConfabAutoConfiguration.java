package dev.confab.spring;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatListener;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageStore;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.Access;
import dev.confab.netty.AccessConfig;
import dev.confab.netty.Authenticator;
import dev.confab.netty.Authorizer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.Endpoint;
import dev.confab.netty.HealthHandler;
import dev.confab.netty.PresenceHandler;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.Routes;
import dev.confab.netty.ServerListener;
import dev.confab.netty.SessionListener;
import dev.confab.netty.Sessions;
import dev.confab.netty.SignalHandler;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Configures the service, the routes and the server. The log is in memory unless the application has a store, or a
 * {@code DataSource} for {@link ConfabJdbcAutoConfiguration}. Each bean of the application replaces the bean of the
 * same type. An {@link Endpoint} of the application replaces the endpoint with the same method and path, or is added.
 */
@AutoConfiguration(after = {ConfabJdbcAutoConfiguration.class, ConfabSecurityAutoConfiguration.class})
@EnableConfigurationProperties(ConfabProperties.class)
public class ConfabAutoConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(ConfabAutoConfiguration.class);

    @Bean
    @ConditionalOnMissingBean(MessageStore.class)
    InMemoryMessageStore confabStore(Environment environment) {
        if (environment.containsProperty("spring.datasource.url")) {
            LOG.warn("spring.datasource.url: there is no DataSource, so the log is in memory"
                    + " (expected: spring-boot-starter-jdbc and a JDBC driver as dependencies)");
        }
        return new InMemoryMessageStore();
    }

    @Bean
    @ConditionalOnMissingBean
    ChatConfig confabChatConfig(ConfabProperties properties, ObjectProvider<ChatListener> listener) {
        ChatConfig defaults = ChatConfig.defaults();
        return defaults.withRetention(properties.retention().retention(), defaults.retentionInterval())
                .withListener(listener.getIfAvailable(() -> ChatListener.NONE));
    }

    @Bean
    @ConditionalOnMissingBean
    ChatService confabChatService(MessageStore store, ChatConfig config) {
        return new ChatService(store, config);
    }

    @Bean
    @ConditionalOnMissingBean
    Sessions confabSessions(ObjectProvider<SessionListener> listeners) {
        Sessions sessions = new Sessions();
        listeners.orderedStream().forEach(sessions::addListener);
        return sessions;
    }

    @Bean
    @ConditionalOnMissingBean
    Routes confabRoutes(
            ChatService chat,
            Sessions sessions,
            ConfabProperties properties,
            ObjectProvider<Endpoint> endpoints,
            ObjectProvider<Access> access,
            ObjectProvider<Authorizer> authorizers) {
        List<Endpoint> all = new ArrayList<>(endpoints.orderedStream().toList());
        for (Endpoint endpoint : endpoints(chat, sessions, properties.transports())) {
            if (all.stream().noneMatch(other -> isSame(endpoint, other))) {
                all.add(endpoint);
            }
        }
        Routes routes = Routes.of(all.toArray(Endpoint[]::new))
                .allowing(properties.allowedOrigins())
                .under(properties.prefix());
        Access guard = access.getIfAvailable();
        if (guard == null && authorizers.stream().findAny().isPresent()) {
            throw new IllegalStateException("Authorizer: nothing asks this bean, so everybody may do everything"
                    + " (expected: an Authenticator too, or the JwtDecoder of an OAuth 2 resource server)");
        }
        return guard == null ? routes : routes.with(guard);
    }

    /** Clients must authenticate if the application, or {@link ConfabSecurityAutoConfiguration}, says how. */
    @Bean
    @ConditionalOnBean(Authenticator.class)
    @ConditionalOnMissingBean
    Access confabAccess(
            ChatService chat,
            Authenticator authenticator,
            ObjectProvider<Authorizer> authorizer,
            ConfabProperties properties) {
        ConfabProperties.Tokens tokens = properties.tokens();
        return Access.of(
                chat,
                AccessConfig.of(authenticator, authorizer.getIfAvailable(() -> Authorizer.ALL))
                        .withCookie(tokens.cookie())
                        .withQueryParameter(tokens.queryParameter())
                        .withFirstFrame(tokens.firstFrame())
                        .withTokenLifetime(tokens.lifetime())
                        .withDecisionLifetime(tokens.decisionLifetime()));
    }

    private static List<Endpoint> endpoints(
            ChatService chat, Sessions sessions, Set<ConfabProperties.Transport> transports) {
        List<Endpoint> endpoints = new ArrayList<>(List.of(
                new PublishHandler(chat, sessions),
                new SignalHandler(chat, sessions),
                new PresenceHandler(chat),
                new HealthHandler(chat)));
        for (ConfabProperties.Transport transport : transports) {
            endpoints.add(
                    switch (transport) {
                        case LONG_POLL -> new LongPollHandler(chat, LongPollConfig.defaults(), sessions);
                        case SSE -> new SseHandler(chat, SseConfig.defaults(), sessions);
                        case WEBSOCKET -> new WebSocketHandler(chat, WebSocketConfig.defaults(), sessions);
                    });
        }
        return endpoints;
    }

    private static boolean isSame(Endpoint endpoint, Endpoint other) {
        return endpoint.path().equals(other.path()) && endpoint.method().equals(other.method());
    }

    @Bean
    @ConditionalOnMissingBean
    ChatServerConfig confabServerConfig(
            ConfabProperties properties, Environment environment, ObjectProvider<ServerListener> listener) {
        ChatServerConfig config = ChatServerConfig.defaults()
                .withAddress(properties.host(), properties.port())
                .withListener(listener.getIfAvailable(() -> ServerListener.NONE));
        boolean isGraceful = !"immediate".equalsIgnoreCase(environment.getProperty("server.shutdown"));
        return isGraceful ? config : config.withDrain(Duration.ZERO, Duration.ZERO);
    }

    @Bean
    @ConditionalOnMissingBean
    ConfabServer confabServer(ChatServerConfig config, Routes routes, ObjectProvider<ServerObserver> observers) {
        return new ConfabServer(config, routes, server -> observers.forEach(observer -> observer.started(server)));
    }

    @Bean
    @ConditionalOnMissingBean
    ConfabTemplate confabTemplate(ChatService chat, ObjectProvider<TransactionalOutbox> outbox) {
        return new ConfabTemplate(chat, outbox.getIfAvailable());
    }
}
