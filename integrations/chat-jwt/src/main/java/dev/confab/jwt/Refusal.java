package dev.confab.jwt;

import dev.confab.netty.HttpException;

/**
 * The reason why a token is refused, with the text for the client. A text contains no part of the token: responses are
 * written to logs.
 */
enum Refusal {
    NO_TOKEN("The request has no token"),
    TOO_LONG("The token is longer than 8192 characters"),
    MALFORMED("The token is not a signed JSON Web Token"),
    ALGORITHM("The algorithm of the token is not accepted"),
    CRITICAL_HEADER("The token has critical headers, which are not supported"),
    UNKNOWN_KEY("The token is signed with an unknown key"),
    SIGNATURE("The signature of the token is not valid"),
    EXPIRED("The token has expired"),
    NO_EXPIRY("The token has no expiry time (claim exp)"),
    NOT_YET_VALID("The token is not valid yet (claim nbf)"),
    AUDIENCE("The token is for another audience (claim aud)"),
    ISSUER("The token is from another issuer (claim iss)"),
    SUBJECT("The token has no subject (claim sub) that is a nick: 1 to 64 characters, no control characters"),
    ROOMS("The rooms of the token (claim rooms) are malformed"),
    CLAIMS("A claim of the token has a wrong type or value");

    private final String text;

    Refusal(String text) {
        this.text = text;
    }

    HttpException exception() {
        return HttpException.unauthenticated(text);
    }
}
