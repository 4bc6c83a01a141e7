package dev.confab.spring;

import dev.confab.core.Draft;
import dev.confab.core.Room;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

/** An application that has nothing of its own but orders. */
@SpringBootApplication
class Application {
    static final Room ROOM = new Room("orders");

    public static void main(String[] args) {
        SpringApplication.run(Application.class, args);
    }

    @Bean
    Orders orders(ConfabTemplate chat, JdbcTemplate database) {
        // The log is needed before the tables of the application: Flyway must come first nevertheless.
        return new Orders(chat, database);
    }

    /** Stores orders, each with its message. */
    static class Orders {
        private final ConfabTemplate chat;
        private final JdbcTemplate database;

        Orders(ConfabTemplate chat, JdbcTemplate database) {
            this.chat = chat;
            this.database = database;
        }

        @Transactional
        public void place(String item) {
            database.update("insert into orders (item) values (?)", item);
            chat.enqueue(Draft.of(ROOM, item));
        }

        @Transactional
        public void fail(String item) {
            place(item);
            throw new UnsupportedOperationException(item);
        }
    }
}
