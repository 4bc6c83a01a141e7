package app;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.jdbi.H2File;
import dev.confab.jdbi.JdbiMessageStore;
import dev.confab.longpoll.LongPollConfig;
import dev.confab.longpoll.LongPollHandler;
import dev.confab.netty.ChatServer;
import dev.confab.netty.ChatServerConfig;
import dev.confab.netty.PublishHandler;
import dev.confab.netty.Routes;
import dev.confab.sse.SseConfig;
import dev.confab.sse.SseHandler;
import dev.confab.websocket.WebSocketConfig;
import dev.confab.websocket.WebSocketHandler;
import javax.sql.DataSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.jdbc.DataSourceProperties;
import org.springframework.context.annotation.Bean;

/** A Spring application with its own beans for a chat over all transports, whose log is in an H2 file. */
@SpringBootApplication
public class Main {
    public static void main(String[] args) {
        var context = SpringApplication.run(Main.class, args);
        System.out.println("Listening on port " + context.getBean(ChatServer.class).port());
    }

    @Bean
    HikariDataSource dataSource(DataSourceProperties properties) {
        return properties
                .initializeDataSourceBuilder()
                .type(HikariDataSource.class)
                .url(H2File.recover(properties.determineUrl()))
                .build();
    }

    @Bean
    JdbiMessageStore store(DataSource dataSource) {
        return JdbiMessageStore.open(dataSource);
    }

    @Bean
    ChatService chat(JdbiMessageStore store) {
        return new ChatService(store, ChatConfig.defaults());
    }

    @Bean
    ChatServer server(ChatService chat) {
        return ChatServer.start(
                ChatServerConfig.defaults().withAddress("127.0.0.1", 0),
                Routes.of(
                        new PublishHandler(chat),
                        new LongPollHandler(chat, LongPollConfig.defaults()),
                        new SseHandler(chat, SseConfig.defaults()),
                        new WebSocketHandler(chat, WebSocketConfig.defaults())));
    }
}
