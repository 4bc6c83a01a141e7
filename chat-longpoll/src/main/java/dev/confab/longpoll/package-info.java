/** The long poll transport: reads messages over HTTP. */
@NullMarked
package dev.confab.longpoll;

import org.jspecify.annotations.NullMarked;
