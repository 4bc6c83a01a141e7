/** The {@code bench} command, which compares the transports from the view of their clients. */
@NullMarked
package dev.confab.demo.bench;

import org.jspecify.annotations.NullMarked;
