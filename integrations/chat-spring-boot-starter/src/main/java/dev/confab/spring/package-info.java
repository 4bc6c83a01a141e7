/** Configures a chat in a Spring Boot application. */
@NullMarked
package dev.confab.spring;

import org.jspecify.annotations.NullMarked;
