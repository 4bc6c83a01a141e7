package dev.confab.jwt;

import java.security.Key;
import java.util.ArrayList;
import java.util.List;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** The public keys of an issuer. Immutable. */
final class KeySet {
    private final List<PublicJsonWebKey> keys;

    private KeySet(List<PublicJsonWebKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * Parses a JSON Web Key Set. Keys that this server cannot use are ignored, such as secret keys, keys of unknown
     * types and keys for encryption.
     *
     * @throws JoseException when the text is not a key set
     */
    static KeySet parse(String json) throws JoseException {
        List<PublicJsonWebKey> keys = new ArrayList<>();
        for (JsonWebKey key : new JsonWebKeySet(json).getJsonWebKeys()) {
            if (key instanceof PublicJsonWebKey candidate && isForSignatures(candidate)) {
                keys.add(candidate);
            }
        }
        return new KeySet(keys);
    }

    /**
     * Returns the key with the id that the header names, or the only key for the algorithm if the header names none.
     * Null if there is no such key.
     */
    @Nullable
    Key find(TokenHeader header) {
        PublicJsonWebKey found = null;
        for (PublicJsonWebKey key : keys) {
            if (!isFor(key, header.algorithm())) {
                continue;
            }
            if (header.kid() != null) {
                if (header.kid().equals(key.getKeyId())) {
                    return key.getPublicKey();
                }
            } else if (found == null) {
                found = key;
            } else {
                return null;
            }
        }
        return found == null ? null : found.getPublicKey();
    }

    private static boolean isForSignatures(PublicJsonWebKey key) {
        return (key.getUse() == null || key.getUse().equals("sig"))
                && (key.getKeyOps() == null || key.getKeyOps().contains("verify"));
    }

    private static boolean isFor(PublicJsonWebKey key, JwtAlgorithm algorithm) {
        return algorithm.fits(key)
                && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm.id()));
    }
}
