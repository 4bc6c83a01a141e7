/** Reading and publishing over WebSocket. */
@NullMarked
package dev.confab.websocket;

import org.jspecify.annotations.NullMarked;
