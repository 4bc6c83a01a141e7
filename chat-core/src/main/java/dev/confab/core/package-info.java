/** The log, its order and its readers, without any framework: start at {@link dev.confab.core.ChatService}. */
@NullMarked
package dev.confab.core;

import org.jspecify.annotations.NullMarked;
