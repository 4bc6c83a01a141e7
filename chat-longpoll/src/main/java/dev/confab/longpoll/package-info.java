/** Reading by HTTP long poll. */
@NullMarked
package dev.confab.longpoll;

import org.jspecify.annotations.NullMarked;
