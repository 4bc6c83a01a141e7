package dev.confab.jwt;

import java.security.Key;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;

/** A signature algorithm of tokens. */
public enum JwtAlgorithm {
    /** HMAC with SHA-256: the server and the issuer of the tokens share a secret of at least 256 bits. */
    HS256("HS256"),
    /** RSA (PKCS #1 v1.5) with SHA-256 and a key of at least 2,048 bits. */
    RS256("RS256"),
    /** ECDSA with the curve P-256 and SHA-256. */
    ES256("ES256"),
    /** EdDSA with the curve Ed25519. */
    EDDSA("EdDSA");

    private static final int MIN_RSA_BITS = 2_048;

    private final String id;

    JwtAlgorithm(String id) {
        this.id = id;
    }

    /** Returns the name of the algorithm in the header {@code alg} of a token, such as {@code EdDSA}. */
    public String id() {
        return id;
    }

    /** Returns whether this algorithm can verify signatures with this public key. HMAC never uses a public key. */
    boolean fits(PublicJsonWebKey jwk) {
        Key key = jwk.getPublicKey();
        return switch (this) {
            case HS256 -> false;
            case RS256 -> key instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() >= MIN_RSA_BITS;
            case ES256 ->
                jwk instanceof EllipticCurveJsonWebKey curve
                        && curve.getCurveName().equals("P-256");
            case EDDSA ->
                key instanceof EdECPublicKey edwards
                        && edwards.getParams().getName().equals("Ed25519");
        };
    }
}
