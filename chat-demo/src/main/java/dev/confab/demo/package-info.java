/** The runnable jar: server, bench and browser page. Nothing depends on it. */
@NullMarked
package dev.confab.demo;

import org.jspecify.annotations.NullMarked;
