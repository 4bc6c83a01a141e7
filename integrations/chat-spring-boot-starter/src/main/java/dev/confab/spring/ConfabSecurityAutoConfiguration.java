package dev.confab.spring;

import dev.confab.netty.Authenticator;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationConverter;

/**
 * Authenticates clients as Spring Security authenticates those of a resource server: by the application's
 * {@code JwtDecoder}. An {@code Authenticator} of the application replaces this one. An {@code Authorizer} of the
 * application decides about rooms; without one, each client that has a valid token may do everything.
 */
@AutoConfiguration(
        afterName =
                "org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration")
@ConditionalOnClass({JwtDecoder.class, JwtAuthenticationConverter.class})
@ConditionalOnBean(JwtDecoder.class)
public class ConfabSecurityAutoConfiguration {
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean(Authenticator.class)
    JwtDecoderAuthenticator confabAuthenticator(
            JwtDecoder decoder, ObjectProvider<JwtAuthenticationConverter> converter) {
        return new JwtDecoderAuthenticator(decoder, converter.getIfAvailable(JwtAuthenticationConverter::new));
    }
}
