/** A chat log in H2 or PostgreSQL: start at {@link dev.confab.jdbi.JdbiMessageStore}. */
@NullMarked
package dev.confab.jdbi;

import org.jspecify.annotations.NullMarked;
