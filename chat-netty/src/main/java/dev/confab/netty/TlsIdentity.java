package dev.confab.netty;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a server, its own first, and the private key of its own certificate. Immutable.
 *
 * @param certificates at least one
 */
record TlsIdentity(List<X509Certificate> certificates, PrivateKey key) {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private static final String CERTIFICATES = "a file with certificates in PEM form";
    private static final String KEY = "a file with a private key in PEM form, PKCS #8, not encrypted;"
            + " `openssl pkcs8 -topk8 -nocrypt` converts other forms";

    private static final Pattern PEM_KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    /** The largest accepted file, in bytes. */
    private static final int MAX_FILE = 1 << 20;

    /**
     * Reads the files. Blocks.
     *
     * @throws IllegalArgumentException when the files cannot be used; the message has one line with the file's name
     */
    static TlsIdentity read(TlsConfig config) {
        List<X509Certificate> certificates = certificates(config.certificates());
        PrivateKey key = key(config.key(), certificates.get(0).getPublicKey());
        return new TlsIdentity(certificates, key);
    }

    SslContext context() throws SSLException {
        return SslContextBuilder.forServer(key, certificates)
                .protocols(PROTOCOLS)
                .build();
    }

    private static List<X509Certificate> certificates(Path file) {
        byte[] bytes = bytes("TLS certificates", file, CERTIFICATES);
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!certificates.isEmpty()) {
                return certificates;
            }
        } catch (CertificateException e) {
            throw unusable("TLS certificates", file, CERTIFICATES, "the file has another form", e);
        }
        throw unusable("TLS certificates", file, CERTIFICATES, "the file has no certificate", null);
    }

    private static PrivateKey key(Path file, PublicKey certified) {
        Matcher pem = PEM_KEY.matcher(new String(bytes("TLS key", file, KEY), StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw unusable("TLS key", file, KEY, "the file has no such key", null);
        }
        PrivateKey key;
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
            key = KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // The causes of these exceptions are dropped, because their messages may contain parts of the key.
            throw unusable("TLS key", file, KEY, "the file has no valid " + certified.getAlgorithm() + " key", null);
        }
        if (!isPair(key, certified)) {
            throw unusable(
                    "TLS key", file, "the private key of the first certificate", "the file has another key", null);
        }
        return key;
    }

    private static boolean isPair(PrivateKey key, PublicKey certified) {
        String algorithm = switch (certified.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> certified.getAlgorithm();
        };
        byte[] text = {1, 2, 3};
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static byte[] bytes(String name, Path file, String expected) {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw unusable(name, file, expected, "the file is larger than " + MAX_FILE + " bytes", null);
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw unusable(name, file, expected, "the file does not exist", e);
        } catch (AccessDeniedException e) {
            throw unusable(name, file, expected, "no permission to read the file", e);
        } catch (IOException e) {
            throw unusable(name, file, expected, "the file cannot be read: " + e.getMessage(), e);
        }
    }

    private static IllegalArgumentException unusable(
            String name, Path file, String expected, String reason, @Nullable Exception cause) {
        return new IllegalArgumentException(name + ": " + file + " (expected: " + expected + "): " + reason, cause);
    }
}
