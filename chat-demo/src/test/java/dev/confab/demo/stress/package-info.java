/** Repeats the tests of all modules with few, busy, many or slow processors. */
@NullMarked
package dev.confab.demo.stress;

import org.jspecify.annotations.NullMarked;
