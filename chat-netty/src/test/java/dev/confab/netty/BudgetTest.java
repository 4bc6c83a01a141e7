package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests of many connections that each keep their own bounds but together exceed the budget. */
final class BudgetTest {
    private static final int BUDGET = 512 << 10;

    /** Less than the budget, but more than the kernel's buffers take. */
    private static final int UNREAD = 480 << 10;

    private final ServerFixture fixture = new ServerFixture(
            ServerFixture.CONFIG.withEventLoops(2).withBudgets(BUDGET, BUDGET), HttpConfig.defaults());
    private final List<RawHttp> clients = new ArrayList<>();

    @AfterEach
    void stop() {
        clients.forEach(RawHttp::close);
        fixture.close();
    }

    @Test
    void theConnectionWithTheOldestUnfinishedBodyGets503() {
        RawHttp first = halfBody();
        while (!isAnswered(first)) {
            halfBody();
        }

        RawHttp.Response response = first.read();

        assertThat(response.status()).isEqualTo(503);
        assertThat(response.body()).contains("\"code\":\"overloaded\"");
        assertThat(response.header("connection")).isEqualTo("close");
        assertThat(response.header("retry-after")).isNotNull();
        assertThat(clients.size() * 48L).isBetween(BUDGET / 1024L / 4, BUDGET / 1024L * 2);
        assertIsServed();
    }

    @Test
    void aConnectionThatSendsAheadOfAWaitingRequestIsNotReadFurther() throws InterruptedException {
        Channel last = null;
        for (int i = 0; i < 40; i++) {
            RawHttp client = connect();
            client.get("/park");
            Exchange parked = fixture.lot.next();
            last = parked.channel();
            client.send(halfBodyText());
            settle(last);
        }

        assertThat(last).isNotNull();
        while (last.config().isAutoRead()) {
            settle(last);
        }
        assertIsServed();
    }

    @Test
    void theConnectionWithTheOldestUnreadResponseIsCut() throws InterruptedException {
        Exchange first = unread();
        while (first.channel().isOpen()) {
            unread();
        }

        assertThat(clients).hasSizeBetween(2, 20);
        assertIsServed();
    }

    /** An event loop can read from many connections in one turn before any of them gives up. */
    @Test
    void aConnectionThatSendsMoreIsClosedAtOnceAboveFiveQuartersOfTheBudget() throws InterruptedException {
        RawHttp waiting = connect();
        waiting.get("/park");
        Exchange parked = fixture.lot.next();
        RawHttp holding = halfBody();
        assertThat(isAnswered(holding)).isFalse();
        Budget input = parked.channel().attr(Budgets.KEY).get().input();
        long others = BUDGET + BUDGET / 4;
        input.add(others);

        // The connection may also end during the send, at a part of the first bytes that the server reads only now.
        assertThatThrownBy(() -> holding.send("y".repeat(5_000)).read()).isInstanceOf(UncheckedIOException.class);
        input.add(-others);
        parked.channel().eventLoop().execute(() -> parked.answer(Response.of(HttpResponseStatus.NO_CONTENT)));
        assertThat(waiting.read().status()).isEqualTo(204);
        assertIsServed();
    }

    @Test
    void aShortRequestInTwoSegmentsIsServedAboveFiveQuartersOfTheBudget() throws InterruptedException {
        RawHttp waiting = connect();
        waiting.get("/park");
        Exchange parked = fixture.lot.next();
        Budget input = parked.channel().attr(Budgets.KEY).get().input();
        RawHttp client = connect()
                .send(
                        "POST /messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{");
        assertThat(isAnswered(client)).isFalse();
        assertThat(input.used()).isPositive();
        input.add(2L * BUDGET);

        client.send("\"body\":\"hi\"}");

        assertThat(client.read().status()).isEqualTo(201);
        input.add(-2L * BUDGET);
    }

    @Test
    void theBudgetIsFreeAgainWhenTheConnectionsHaveEnded() {
        for (int round = 0; round < 3; round++) {
            List<RawHttp> held = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                held.add(halfBody());
            }
            assertIsServed();
            held.forEach(client -> assertThat(isAnswered(client)).isFalse());
            held.forEach(client ->
                    assertThat(client.send("y".repeat(10_000)).read().status()).isEqualTo(400));
        }
    }

    private Exchange unread() throws InterruptedException {
        RawHttp client = connect();
        client.get("/park");
        Exchange exchange = fixture.lot.next();
        exchange.channel()
                .eventLoop()
                .submit(() -> exchange.answer(Response.json(
                        HttpResponseStatus.OK, Unpooled.directBuffer(UNREAD).writeZero(UNREAD))))
                .syncUninterruptibly();
        settle(exchange.channel());
        return exchange;
    }

    private RawHttp halfBody() {
        return connect().send(halfBodyText());
    }

    private static String halfBodyText() {
        return "POST /messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
                + "x".repeat(50_000);
    }

    private RawHttp connect() {
        RawHttp client = fixture.connect();
        clients.add(client);
        return client;
    }

    private boolean isAnswered(RawHttp client) {
        // Once another connection has been served on each of the two loops, all earlier input has been read.
        assertIsServed();
        assertIsServed();
        return client.available() > 0;
    }

    private void assertIsServed() {
        try (RawHttp other = fixture.connect()) {
            assertThat(other.get("/health").read().status()).isEqualTo(200);
        }
    }

    private static void settle(Channel channel) {
        channel.eventLoop().submit(() -> {}).syncUninterruptibly();
    }
}
