/** Tests that cause faults in nodes and their database, and check the log afterwards. */
@NullMarked
package dev.confab.demo.faults;

import org.jspecify.annotations.NullMarked;
