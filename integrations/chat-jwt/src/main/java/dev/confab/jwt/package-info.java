/** Takes the identity and the rooms of clients from signed JSON Web Tokens. */
@NullMarked
package dev.confab.jwt;

import org.jspecify.annotations.NullMarked;
