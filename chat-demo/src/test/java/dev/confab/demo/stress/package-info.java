/** Repeats the tests of all modules on processors that are few, busy, many or slow. */
@NullMarked
package dev.confab.demo.stress;

import org.jspecify.annotations.NullMarked;
