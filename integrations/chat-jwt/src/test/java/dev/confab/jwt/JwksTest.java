package dev.confab.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.netty.Bearer;
import dev.confab.netty.Principal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Tests how keys are read from a server, and how long they stay in use. */
final class JwksTest {
    private static final KeyPair OLD = RawToken.p256();
    private static final KeyPair NEW = RawToken.p256();
    private static final String OLD_KEYS = RawToken.jwks(RawToken.jwk(OLD, "old"));
    private static final String NEW_KEYS = RawToken.jwks(RawToken.jwk(NEW, "new"));

    /** The time for a response of the server in tests of other things than time, however slow the machine is. */
    private static final Duration LONG = Duration.ofMinutes(10);

    /** The time of the caches, which only the tests advance. */
    private final AtomicLong time = new AtomicLong();

    @Test
    void theKeysAreReadOnceWhenTheFirstTokenArrives() {
        try (KeyServer server = KeyServer.of(OLD_KEYS)) {
            JwtAuthenticator authenticator = authenticator(server.url());
            assertThat(server.requests()).isZero();
            for (int i = 0; i < 10; i++) {
                assertAccepted(authenticator, token(OLD, "old"));
            }
            assertThat(server.requests()).isOne();
        }
    }

    @Test
    void theAuthenticatorOfAnApplicationReadsTheKeysItself() {
        try (KeyServer server = KeyServer.of(OLD_KEYS)) {
            JwtAuthenticator authenticator = JwtAuthenticator.of(JwtConfig.jwks(server.url()), Answers.AT_NOW);
            assertAccepted(authenticator, token(OLD, "old"));
            assertThat(server.requests()).isOne();
        }
    }

    @Test
    void aNewKeyIsFoundAtOnceAndARemovedKeyIsForgotten() {
        try (KeyServer server = KeyServer.of(OLD_KEYS)) {
            JwtAuthenticator authenticator = authenticator(server.url());
            assertAccepted(authenticator, token(OLD, "old"));
            server.publish(NEW_KEYS);
            advance(Jwks.MIN_INTERVAL);
            assertAccepted(authenticator, token(NEW, "new"));
            assertThat(server.requests()).isEqualTo(2);
            Answers.assertRefused(authenticator, token(OLD, "old"), Refusal.UNKNOWN_KEY);
        }
    }

    @Test
    void aFloodOfUnknownKeyIdsCausesOneReadInEachInterval() {
        try (KeyServer server = KeyServer.of(OLD_KEYS)) {
            JwtAuthenticator authenticator = authenticator(server.url());
            assertAccepted(authenticator, token(OLD, "old"));
            for (int interval = 1; interval <= 3; interval++) {
                advance(Jwks.MIN_INTERVAL);
                for (int i = 0; i < 100; i++) {
                    Answers.assertRefused(authenticator, token(NEW, "unknown-" + i), Refusal.UNKNOWN_KEY);
                }
                assertThat(server.requests()).isEqualTo(1 + interval);
            }
            assertAccepted(authenticator, token(OLD, "old"));
        }
    }

    @Test
    void concurrentRequestsShareOneRead() throws InterruptedException {
        CountDownLatch mayAnswer = new CountDownLatch(1);
        try (KeyServer server = new KeyServer(exchange -> {
            await(mayAnswer);
            KeyServer.answer(200, OLD_KEYS).handle(exchange);
        })) {
            JwtAuthenticator authenticator = authenticator(server.url());
            List<CompletableFuture<Principal>> answers = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                answers.add(authenticator.authenticate(Bearer.of(token(OLD, "old"))));
            }
            assertThat(answers).noneMatch(CompletableFuture::isDone);
            mayAnswer.countDown();
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
            assertThat(server.requests()).isOne();
        }
    }

    @Test
    void oldKeysAreReadAgainInTheBackground() throws InterruptedException {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch mayAnswer = new CountDownLatch(1);
        try (KeyServer server = KeyServer.of(OLD_KEYS)) {
            JwtAuthenticator authenticator = authenticator(server.url());
            assertAccepted(authenticator, token(OLD, "old"));
            server.handle(exchange -> {
                arrived.countDown();
                await(mayAnswer);
                KeyServer.answer(200, NEW_KEYS).handle(exchange);
            });
            advance(Jwks.REFRESH.minusNanos(1));
            assertAccepted(authenticator, token(OLD, "old"));
            assertThat(server.requests()).isOne();
            advance(Duration.ofNanos(1));
            // The answer of the server is still missing, and the token need not wait for it.
            assertAccepted(authenticator, token(OLD, "old"));
            assertThat(arrived.await(60, TimeUnit.SECONDS)).isTrue();
            // This token needs the new keys, so it waits for the same read.
            CompletableFuture<Principal> waiting = authenticator.authenticate(Bearer.of(token(NEW, "new")));
            mayAnswer.countDown();
            assertThat(waiting.orTimeout(60, TimeUnit.SECONDS).join()).isNotNull();
            assertThat(server.requests()).isEqualTo(2);
            Answers.assertRefused(authenticator, token(OLD, "old"), Refusal.UNKNOWN_KEY);
        }
    }

    @Test
    void keysStayInUseWhileTheServerFailsUntilTheirLifetimeIsOver() {
        try (KeyServer server = KeyServer.of(OLD_KEYS)) {
            JwtAuthenticator authenticator = authenticator(server.url());
            assertAccepted(authenticator, token(OLD, "old"));
            server.handle(KeyServer.answer(500, "down"));
            advance(Duration.ofHours(4).minusNanos(1));
            assertAccepted(authenticator, token(OLD, "old"));
            // The key may be a new one, so the response asks the client to try again.
            Answers.assertUnavailable(authenticator, token(NEW, "new"));
            advance(Duration.ofNanos(1));
            Answers.assertUnavailable(authenticator, token(OLD, "old"));
            server.publish(OLD_KEYS);
            advance(Jwks.MIN_INTERVAL);
            assertAccepted(authenticator, token(OLD, "old"));
        }
    }

    @Test
    void aServerThatIsDownIsAskedAgainOnlyAfterTheInterval() throws Exception {
        AtomicInteger reads = new AtomicInteger();
        // The socket does not listen, so connections are refused, and no other server can get the port meanwhile.
        try (Socket nowhere = new Socket()) {
            nowhere.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            URI url = URI.create("http://127.0.0.1:" + nowhere.getLocalPort() + "/keys");
            JwksServer server = new JwksServer(url, LONG, threads());
            JwtAuthenticator authenticator = authenticator(new Jwks(
                    () -> {
                        reads.incrementAndGet();
                        return server.get();
                    },
                    Duration.ofHours(4),
                    time::get));
            for (int i = 0; i < 10; i++) {
                Answers.assertUnavailable(authenticator, token(OLD, "old"));
            }
            assertThat(reads).hasValue(1);
            advance(Jwks.MIN_INTERVAL);
            Answers.assertUnavailable(authenticator, token(OLD, "old"));
            assertThat(reads).hasValue(2);
        }
    }

    @Test
    void aServerThatDoesNotAnswer() {
        try (KeyServer server = new KeyServer(exchange -> {})) {
            assertUnavailable(server, Duration.ofMillis(200));
        }
    }

    /** The time is limited for the whole body, because a body that trickles would keep all requests waiting. */
    @Test
    void aServerThatDoesNotFinishItsAnswer() {
        try (KeyServer server = new KeyServer(exchange -> {})) {
            server.handle(exchange -> {
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write("{\"keys\":".getBytes());
                exchange.getResponseBody().flush();
                server.awaitClose(exchange);
            });
            assertUnavailable(server, Duration.ofMillis(200));
        }
    }

    @Test
    void anAnswerThatIsTooLong() {
        String most = " ".repeat(JwksServer.MAX_BYTES - OLD_KEYS.length()) + OLD_KEYS;
        try (KeyServer server = KeyServer.of(most)) {
            assertAccepted(authenticator(server.url()), token(OLD, "old"));
            server.publish(" " + most);
            assertUnavailable(server, LONG);
            server.handle(exchange -> {
                exchange.sendResponseHeaders(200, 0);
                byte[] blanks = " ".repeat(1_000).getBytes();
                // Ends when the client closes the connection.
                while (true) {
                    exchange.getResponseBody().write(blanks);
                }
            });
            assertUnavailable(server, LONG);
        }
    }

    @Test
    void aRedirectIsNotFollowed() {
        try (KeyServer target = KeyServer.of(OLD_KEYS);
                KeyServer server = new KeyServer(exchange -> {
                    exchange.getResponseHeaders().add("Location", target.url().toString());
                    KeyServer.answer(302, OLD_KEYS).handle(exchange);
                })) {
            assertUnavailable(server, LONG);
            assertThat(target.requests()).isZero();
        }
    }

    @Test
    void anAnswerThatIsNotAKeySet() {
        for (String body : List.of(
                "", "null", "[]", "{}", "<html>", "{\"keys\":1}", "{\"keys\":{}}", "{\"keys\":[1]}", OLD_KEYS + "x")) {
            try (KeyServer server = KeyServer.of(body)) {
                assertUnavailable(server, LONG);
            }
        }
    }

    @Test
    void keysForOtherPurposesAreNotUsed() {
        KeyPair weak = RawToken.rsa(1_024);
        for (String key : List.of(
                RawToken.jwk(OLD, "old", "\"use\":\"enc\""),
                RawToken.jwk(OLD, "old", "\"alg\":\"ES384\""),
                RawToken.jwk(OLD, "old", "\"key_ops\":[\"sign\"]"),
                RawToken.jwk(OLD, "old").replace("P-256", "P-999"),
                "{\"kty\":\"oct\",\"kid\":\"old\",\"k\":\"" + RawToken.base64(Answers.SECRET) + "\"}",
                "{\"kty\":\"new\",\"kid\":\"old\"}",
                "{}")) {
            try (KeyServer server = KeyServer.of(RawToken.jwks(key, RawToken.jwk(NEW, "new")))) {
                JwtAuthenticator authenticator = authenticator(server.url());
                Answers.assertRefused(authenticator, token(OLD, "old"), Refusal.UNKNOWN_KEY);
                assertAccepted(authenticator, token(NEW, "new"));
            }
        }
        try (KeyServer server = KeyServer.of(RawToken.jwks(RawToken.jwk(weak, "weak")))) {
            Answers.assertRefused(
                    authenticator(server.url()),
                    RawToken.signed(weak.getPrivate(), "{\"alg\":\"RS256\",\"kid\":\"weak\"}", claims()),
                    Refusal.UNKNOWN_KEY);
        }
    }

    @Test
    void keysForSignaturesAreUsed() {
        String key = RawToken.jwk(OLD, "old", "\"use\":\"sig\"", "\"alg\":\"ES256\"", "\"key_ops\":[\"verify\"]");
        try (KeyServer server = KeyServer.of(RawToken.jwks(key))) {
            assertAccepted(authenticator(server.url()), token(OLD, "old"));
        }
    }

    @Test
    void aTokenWhoseVerificationMustWaitTooLongIsRefused() {
        try (KeyServer server = KeyServer.of(OLD_KEYS)) {
            CountDownLatch mayWork = new CountDownLatch(1);
            Executor busy = DaemonThreads.pool("busy", 1, 1);
            busy.execute(() -> await(mayWork));
            busy.execute(() -> {});
            JwtAuthenticator authenticator = new JwtAuthenticator(
                    JwtConfig.jwks(server.url()), source(server.url(), LONG), busy, Answers.AT_NOW);
            assertThat(Bearer.response(Answers.failure(authenticator, token(OLD, "old"))))
                    .isEqualTo("503 overloaded");
            mayWork.countDown();
        }
    }

    @Test
    void neitherReadingNorVerifyingHappensOnTheThreadOfTheCaller() {
        try (KeyServer server = KeyServer.of(OLD_KEYS)) {
            JwtAuthenticator authenticator = JwtAuthenticator.of(JwtConfig.jwks(server.url()), () -> {
                assertThat(Thread.currentThread().getName()).isEqualTo("jwt-verify");
                return Answers.NOW;
            });
            for (int i = 0; i < 2; i++) {
                assertAccepted(authenticator, token(OLD, "old"));
            }
        }
    }

    private JwtAuthenticator authenticator(URI url) {
        return authenticator(source(url, LONG));
    }

    private static JwtAuthenticator authenticator(KeySource source) {
        return new JwtAuthenticator(
                JwtConfig.jwks(URI.create("https://issuer.example")), source, Runnable::run, Answers.AT_NOW);
    }

    private Jwks source(URI url, Duration timeout) {
        return new Jwks(new JwksServer(url, timeout, threads()), Duration.ofHours(4), time::get);
    }

    private static Executor threads() {
        return DaemonThreads.pool("jwt-keys", 2, Integer.MAX_VALUE);
    }

    private void advance(Duration by) {
        time.addAndGet(by.toNanos());
    }

    private void assertUnavailable(KeyServer server, Duration timeout) {
        Answers.assertUnavailable(authenticator(source(server.url(), timeout)), token(OLD, "old"));
    }

    private static void assertAccepted(JwtAuthenticator authenticator, String token) {
        assertThat(Answers.principal(authenticator, token).nick().name()).isEqualTo("ann");
    }

    private static String token(KeyPair pair, String kid) {
        return RawToken.signed(pair.getPrivate(), "{\"alg\":\"ES256\",\"kid\":\"" + kid + "\"}", claims());
    }

    private static String claims() {
        return "{\"sub\":\"ann\",\"exp\":" + Answers.NOW.plusSeconds(60).getEpochSecond() + "}";
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
