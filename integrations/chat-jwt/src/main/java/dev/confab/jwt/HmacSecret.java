package dev.confab.jwt;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jose4j.keys.HmacKey;

/** The secret that issuer and server share. */
final class HmacSecret implements KeySource {
    private static final String PEM = "-----BEGIN";
    private static final int MIN_BYTES = 32;
    private static final int MAX_FILE_BYTES = 8_192;

    private final CompletableFuture<Key> key;

    private HmacSecret(Key key) {
        this.key = CompletableFuture.completedFuture(key);
    }

    /** @throws IllegalArgumentException when the file has no usable secret; the message does not contain the content */
    static HmacSecret read(Path file) {
        byte[] secret = decode(file);
        if (secret.length < MIN_BYTES) {
            throw invalid(file, "256 bits or more, in base64");
        }
        if (isPublicKey(secret)) {
            throw invalid(file, "a secret, and not a public key");
        }
        return new HmacSecret(new HmacKey(secret));
    }

    @Override
    public CompletableFuture<Key> find(TokenHeader header) {
        return key;
    }

    private static byte[] decode(Path file) {
        byte[] content;
        try (InputStream in = Files.newInputStream(file)) {
            content = in.readNBytes(MAX_FILE_BYTES + 1);
        } catch (IOException e) {
            throw invalid(file, "a readable file");
        }
        if (content.length > MAX_FILE_BYTES) {
            throw invalid(file, "at most " + MAX_FILE_BYTES + " bytes");
        }
        String text = new String(content, StandardCharsets.ISO_8859_1);
        if (text.contains(PEM)) {
            throw invalid(file, "a secret, and not a key in PEM");
        }
        // Both alphabets are accepted, and line breaks, because tools differ in them.
        String base64 = text.replaceAll("\\s", "").replace('-', '+').replace('_', '/');
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw invalid(file, "256 bits or more, in base64");
        }
    }

    /** A public key is known to everybody, so that everybody could sign tokens. */
    private static boolean isPublicKey(byte[] secret) {
        return new String(secret, StandardCharsets.ISO_8859_1).contains(PEM)
                || Stream.of("RSA", "EC", "Ed25519").anyMatch(algorithm -> isPublicKey(algorithm, secret));
    }

    private static boolean isPublicKey(String algorithm, byte[] secret) {
        try {
            KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(secret));
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static IllegalArgumentException invalid(Path file, String expected) {
        return new IllegalArgumentException("secretFile: " + file + " (expected: " + expected + ")");
    }
}
