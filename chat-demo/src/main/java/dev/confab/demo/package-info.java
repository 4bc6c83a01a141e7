/** The runnable jar: server, bench and browser page. No other module depends on this package. */
@NullMarked
package dev.confab.demo;

import org.jspecify.annotations.NullMarked;
