package dev.confab.spring;

import com.zaxxer.hikari.HikariDataSource;
import dev.confab.jdbi.H2File;
import org.springframework.beans.factory.config.BeanPostProcessor;

/** Has each H2 file recovered before the pool opens it, as the store demands. Used by one thread. */
final class H2FileRecovery implements BeanPostProcessor {
    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof HikariDataSource pool && !pool.isRunning()) {
            String url = pool.getJdbcUrl();
            if (url != null && url.startsWith("jdbc:h2:")) {
                pool.setJdbcUrl(recovered(url));
            }
        }
        return bean;
    }

    private static String recovered(String url) {
        try {
            return H2File.recover(url);
        } catch (IllegalArgumentException e) {
            // A database of another kind, perhaps not the one with the log: the store refuses it if it is.
            return url;
        }
    }
}
