/** The Server-Sent Events transport: sends messages as an event stream. */
@NullMarked
package dev.confab.sse;

import org.jspecify.annotations.NullMarked;
