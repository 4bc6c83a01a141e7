/** The part that all transports share on Netty: HTTP server, publish endpoint, fan-out, HTTP errors. */
@NullMarked
package dev.confab.netty;

import org.jspecify.annotations.NullMarked;
