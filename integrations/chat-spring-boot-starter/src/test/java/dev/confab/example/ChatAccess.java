package dev.confab.example;

import dev.confab.netty.Authorizer;
import dev.confab.netty.Decision;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.Authentication;

/** Permits each client the rooms that the scopes of its token name. */
@Configuration
public class ChatAccess {
    @Bean
    Authorizer authorizer() {
        return (principal, room, operation) -> {
            var authentication = (Authentication) principal.attributes().get("authentication");
            return Decision.of(authentication.getAuthorities().stream()
                    .anyMatch(authority -> ("SCOPE_" + room.name()).equals(authority.getAuthority())));
        };
    }
}
