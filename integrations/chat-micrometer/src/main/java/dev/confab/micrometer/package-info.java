/** Measures a chat with Micrometer. */
@NullMarked
package dev.confab.micrometer;

import org.jspecify.annotations.NullMarked;
