package dev.confab.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.source.ImmutableSecret;
import dev.confab.netty.Authorizer;
import dev.confab.netty.Decision;
import dev.confab.netty.Operation;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;

/** A resource server's tokens decide who may do what in the chat. */
@SpringBootTest(
        properties = {"confab.port=0", "spring.flyway.enabled=false"},
        classes = SecurityTest.Secured.class)
final class SecurityTest {
    private static final SecretKey KEY =
            new SecretKeySpec("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII), "HmacSHA256");

    private static final JwtEncoder ENCODER = new NimbusJwtEncoder(new ImmutableSecret<>(KEY));

    @EnableAutoConfiguration
    static class Secured {
        @Bean
        JwtDecoder decoder() {
            return NimbusJwtDecoder.withSecretKey(KEY).build();
        }

        /** The scope {@code publish} permits publishing; everybody reads. */
        @Bean
        Authorizer authorizer() {
            return (principal, room, operation) -> Decision.of(operation != Operation.PUBLISH
                    || has("SCOPE_publish", principal.attributes().get("authentication")));
        }

        private static boolean has(String authority, Object authentication) {
            return ((Authentication) authentication)
                    .getAuthorities().stream().anyMatch(each -> authority.equals(each.getAuthority()));
        }
    }

    @Autowired
    ConfabServer server;

    @Test
    void theTokenOfTheResourceServerDecides() throws Exception {
        Instant later = Instant.now().plusSeconds(600);
        assertThat(post(null)).isEqualTo(401);
        assertThat(post("nonsense")).isEqualTo(401);
        assertThat(post(token("ann", "publish", Instant.now().minusSeconds(600))))
                .isEqualTo(401);
        assertThat(post(token("ann", "read", later))).isEqualTo(403);
        assertThat(post(token("ann", "publish", later))).isEqualTo(201);
        assertThat(send("GET", "/messages?wait=0", token("bob", "read", later)).body())
                .contains("\"nick\":\"ann\"");
    }

    private int post(String token) throws IOException, InterruptedException {
        return send("POST", "/messages", token).statusCode();
    }

    private HttpResponse<String> send(String method, String path, String token)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(method.equals("GET") ? "" : "{\"body\":\"hello\"}"));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    private static String token(String subject, String scope, Instant expires) {
        JwtClaimsSet claims = JwtClaimsSet.builder()
                .subject(subject)
                .claim("scope", List.of(scope))
                .issuedAt(expires.minusSeconds(3_600))
                .expiresAt(expires)
                .build();
        return ENCODER.encode(JwtEncoderParameters.from(
                        JwsHeader.with(MacAlgorithm.HS256).build(), claims))
                .getTokenValue();
    }
}
