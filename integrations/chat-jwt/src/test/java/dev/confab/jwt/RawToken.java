package dev.confab.jwt;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens from any header and payload with the JDK alone, also tokens that no library would make. */
final class RawToken {
    private RawToken() {}

    static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    static String unsigned(String header, String payload) {
        return base64(header) + "." + base64(payload);
    }

    static String hs256(byte[] secret, String header, String payload) {
        String input = unsigned(header, payload);
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            return input + "." + base64(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String signed(PrivateKey key, String header, String payload) {
        String input = unsigned(header, payload);
        try {
            Signature signature = Signature.getInstance(
                    switch (key.getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSAinP1363Format";
                        default -> "Ed25519";
                    });
            signature.initSign(key);
            signature.update(input.getBytes(StandardCharsets.US_ASCII));
            return input + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair rsa(int bits) {
        return keys("RSA", bits);
    }

    static KeyPair ed25519() {
        return keys("Ed25519", 255);
    }

    static KeyPair p256() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns a public key as a JSON Web Key, with more members such as {@code "use":"sig"}, or none. */
    static String jwk(KeyPair pair, String kid, String... more) {
        String key;
        if (pair.getPublic() instanceof RSAPublicKey rsa) {
            key = "\"kty\":\"RSA\",\"n\":\"" + base64(magnitude(rsa.getModulus().toByteArray(), 0))
                    + "\",\"e\":\"AQAB\"";
        } else if (pair.getPublic() instanceof ECPublicKey curve) {
            key = "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""
                    + base64(magnitude(curve.getW().getAffineX().toByteArray(), 32)) + "\",\"y\":\""
                    + base64(magnitude(curve.getW().getAffineY().toByteArray(), 32)) + "\"";
        } else {
            byte[] spki = ((EdECPublicKey) pair.getPublic()).getEncoded();
            key = "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""
                    + base64(Arrays.copyOfRange(spki, spki.length - 32, spki.length)) + "\"";
        }
        StringBuilder json = new StringBuilder("{")
                .append(key)
                .append(",\"kid\":\"")
                .append(kid)
                .append('"');
        for (String member : more) {
            json.append(',').append(member);
        }
        return json.append('}').toString();
    }

    static String jwks(String... keys) {
        return "{\"keys\":[" + String.join(",", keys) + "]}";
    }

    private static KeyPair keys(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Removes the byte of the sign, and pads to a length. */
    private static byte[] magnitude(byte[] number, int length) {
        int start = number[0] == 0 ? 1 : 0;
        byte[] bytes = Arrays.copyOfRange(number, start, number.length);
        if (bytes.length >= length) {
            return bytes;
        }
        byte[] padded = new byte[length];
        System.arraycopy(bytes, 0, padded, length - bytes.length, bytes.length);
        return padded;
    }
}
