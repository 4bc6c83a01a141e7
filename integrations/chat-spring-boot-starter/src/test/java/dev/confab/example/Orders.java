package dev.confab.example;

import dev.confab.core.Draft;
import dev.confab.core.Room;
import dev.confab.spring.ConfabTemplate;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Stores orders, each with a message to the room of the orders. */
@Service
public class Orders {
    private final JdbcTemplate database;
    private final ConfabTemplate chat;

    Orders(JdbcTemplate database, ConfabTemplate chat) {
        this.database = database;
        this.chat = chat;
    }

    @Transactional
    public void place(String item) {
        database.update("insert into orders (item) values (?)", item);
        chat.enqueue(Draft.of(new Room("orders"), "ordered: " + item));
    }
}
