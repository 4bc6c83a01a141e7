package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.core.ChatConfig;
import dev.confab.core.ChatService;
import dev.confab.core.InMemoryMessageStore;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that wait for the application, which responds late or never. */
@Timeout(60)
final class AccessPendingTest {
    private static final Nick ANN = new Nick("ann");
    private static final Instant EXPIRY = Instant.parse("2026-11-28T12:00:00Z");
    private static final Duration LONG = Duration.ofHours(1);

    private final InMemoryMessageStore store = new InMemoryMessageStore();
    private final ChatService chat = new ChatService(store, ChatConfig.defaults());
    private final ParkingLot lot = new ParkingLot();
    private final Question<Principal> identity = new Question<>();
    private final Question<Boolean> permission = new Question<>();
    private final AccessConfig config =
            AccessConfig.of(credentials -> identity.ask(), (principal, room, operation) -> permission.ask());

    private volatile Instant now = EXPIRY.minusSeconds(1);
    private MessageId before;
    private Access access;
    private ChatServer server;
    private RawHttp client;

    @BeforeEach
    void start() {
        start(LONG);
    }

    private void start(Duration patience) {
        access = Access.of(chat, config, () -> now, patience);
        server = ChatServer.start(
                ServerFixture.CONFIG,
                Routes.of(new PublishHandler(chat), new OpenPage(), lot).with(access));
        client = new RawHttp(server.port());
        before = store.lastId();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
        chat.close();
        store.close();
    }

    @Test
    void aRevocationRefusesARequestThatWaitsForItsDecision() throws InterruptedException {
        client.post("/messages", "application/json", "{\"body\":\"x\"}");
        identity.next().complete(ann());
        CompletableFuture<Boolean> decision = permission.next();
        before = revoke();
        decision.complete(true);
        assertRefused("revoked");
    }

    @Test
    void aRevocationRefusesARequestThatWaitsForItsIdentity() throws InterruptedException {
        client.post("/messages", "application/json", "{\"body\":\"x\"}");
        CompletableFuture<Principal> pending = identity.next();
        before = revoke();
        pending.complete(ann());
        assertRefused("revoked");
        // The application has decided to accept the client again.
        client.post("/messages", "application/json", "{\"body\":\"x\"}");
        identity.next().complete(ann());
        permission.next().complete(true);
        assertThat(client.read().status()).isEqualTo(201);
    }

    @Test
    void anExpiryRefusesARequestThatWaitsForItsDecision() throws InterruptedException {
        client.post("/messages", "application/json", "{\"body\":\"x\"}");
        identity.next().complete(ann().withExpiry(EXPIRY));
        CompletableFuture<Boolean> decision = permission.next();
        now = EXPIRY;
        decision.complete(true);
        assertRefused("expired");
    }

    @Test
    void aRevocationIsCompleteWhenTheConnectionsHaveEnded() throws InterruptedException {
        client.get("/park");
        identity.next().complete(ann());
        Exchange reader = lot.next();
        EventLoop loop = reader.channel().eventLoop();
        AtomicBoolean hasEnded = new AtomicBoolean();
        CountDownLatch announced = new CountDownLatch(1);
        CountDownLatch busy = new CountDownLatch(1);
        chat.onRevocation(nick -> announced.countDown());
        loop.submit(() -> reader.identity().watch(end -> hasEnded.set(true))).syncUninterruptibly();
        loop.execute(() -> await(busy));
        CompletableFuture<Boolean> ended = access.revoke(ANN).thenApply(done -> hasEnded.get());
        await(announced);
        busy.countDown();
        assertThat(ended.orTimeout(RawHttp.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .join())
                .isTrue();
        ParkingLot.release(reader);
        assertThat(client.read().status()).isEqualTo(202);
    }

    @Test
    void anAuthenticatorThatNeverRespondsIsUnavailable() {
        restart(Duration.ofMillis(100));
        client.post("/messages", "application/json", "{\"body\":\"x\"}");
        assertUnavailable();
    }

    @Test
    void anAuthorizerThatNeverRespondsIsUnavailable() throws InterruptedException {
        restart(Duration.ofMillis(100));
        identity.answer = CompletableFuture.completedFuture(ann());
        client.post("/messages", "application/json", "{\"body\":\"x\"}");
        CompletableFuture<Boolean> decision = permission.next();
        assertUnavailable();
        decision.complete(true);
        permission.answer = Decision.YES;
        client.post("/messages", "application/json", "{\"body\":\"y\"}");
        assertThat(client.read().body()).contains("\"body\":\"y\"");
    }

    @Test
    void anEndpointOfAGuardedPathIsGuarded() throws InterruptedException {
        client.get("/messages");
        identity.next().completeExceptionally(HttpException.unauthenticated("Log in first"));
        assertRefused("Log in first");
    }

    private void restart(Duration patience) {
        client.close();
        server.close();
        start(patience);
    }

    /** Returns the id of the revocation, which is a message of the log. */
    private MessageId revoke() {
        access.revoke(ANN).join();
        return store.lastId();
    }

    private void assertRefused(String detail) {
        RawHttp.Response response = client.read();
        assertThat(response.status()).isEqualTo(401);
        assertThat(response.body()).contains("\"code\":\"unauthenticated\"", detail);
        assertThat(store.lastId()).isEqualTo(before);
    }

    private void assertUnavailable() {
        RawHttp.Response response = client.read();
        assertThat(response.status()).isEqualTo(503);
        assertThat(response.header("retry-after")).isEqualTo("1");
        assertThat(response.body()).contains("\"code\":\"unavailable\"");
        assertThat(store.lastId()).isEqualTo(before);
    }

    private static Principal ann() {
        return Principal.of("ann");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** An endpoint that is not guarded itself, on the path at which messages are published. */
    private static final class OpenPage implements Endpoint {
        @Override
        public HttpMethod method() {
            return HttpMethod.GET;
        }

        @Override
        public String path() {
            return "/messages";
        }

        @Override
        public boolean isGuarded() {
            return false;
        }

        @Override
        public void handle(Exchange exchange) {
            exchange.answer(Response.of(HttpResponseStatus.OK));
        }
    }

    /** A question to the application, which the test answers. Safe for any thread. */
    private static final class Question<T> {
        private final BlockingQueue<CompletableFuture<T>> asked = new LinkedBlockingQueue<>();

        /** The answer to all questions; null if each is answered by the test. */
        private volatile CompletableFuture<T> answer;

        CompletableFuture<T> ask() {
            if (answer != null) {
                return answer;
            }
            CompletableFuture<T> pending = new CompletableFuture<>();
            asked.add(pending);
            return pending;
        }

        /** Waits for the next question. */
        CompletableFuture<T> next() throws InterruptedException {
            CompletableFuture<T> next = asked.poll(RawHttp.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (next == null) {
                throw new AssertionError("Nobody asked");
            }
            return next;
        }
    }
}
