/** The {@code bench} command: the transports side by side, as their clients see them. */
@NullMarked
package dev.confab.demo.bench;

import org.jspecify.annotations.NullMarked;
