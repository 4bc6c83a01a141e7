/** Reading by Server-Sent Events. */
@NullMarked
package dev.confab.sse;

import org.jspecify.annotations.NullMarked;
