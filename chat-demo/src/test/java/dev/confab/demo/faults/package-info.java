/** What is done to nodes and their database, and what the log has to look like after it. */
@NullMarked
package dev.confab.demo.faults;

import org.jspecify.annotations.NullMarked;
