package dev.confab.jwt;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The header of a token. It selects among the configured algorithms and keys, and brings none of its own: {@code jwk},
 * {@code jku}, {@code x5c} and {@code x5u} are ignored.
 *
 * @param kid the id of the key; null if the token names none
 */
record TokenHeader(JwtAlgorithm algorithm, @Nullable String kid) {
    /** The longest token that is parsed, in characters. */
    static final int MAX_LENGTH = 8_192;

    private static final int PARTS = 3;

    /**
     * Checks the form of a token and parses its header.
     *
     * @throws dev.confab.netty.HttpException when the token cannot be accepted, even with a valid signature
     */
    static TokenHeader parse(@Nullable String token, Set<JwtAlgorithm> accepted) {
        if (token == null) {
            throw Refusal.NO_TOKEN.exception();
        }
        if (token.length() > MAX_LENGTH) {
            throw Refusal.TOO_LONG.exception();
        }
        // The limit of -1 keeps empty parts. A token without signature ends with a dot, and an encrypted one has 5
        // parts.
        String[] parts = token.split("\\.", -1);
        if (parts.length != PARTS) {
            throw Refusal.MALFORMED.exception();
        }
        byte[] header = decode(parts[0]);
        decode(parts[1]);
        decode(parts[2]);
        return parse(header, accepted);
    }

    private static TokenHeader parse(byte[] json, Set<JwtAlgorithm> accepted) {
        Map<String, Object> members;
        try {
            members = JsonUtil.parseJson(new String(json, StandardCharsets.UTF_8));
        } catch (JoseException e) {
            throw Refusal.MALFORMED.exception();
        }
        Object kid = members.get("kid");
        // A token with a content type has another token inside.
        if ((kid != null && !(kid instanceof String)) || members.containsKey("cty")) {
            throw Refusal.MALFORMED.exception();
        }
        if (members.containsKey("crit")) {
            throw Refusal.CRITICAL_HEADER.exception();
        }
        for (JwtAlgorithm algorithm : accepted) {
            if (algorithm.id().equals(members.get("alg"))) {
                return new TokenHeader(algorithm, (String) kid);
            }
        }
        throw Refusal.ALGORITHM.exception();
    }

    /** Decodes strictly, because jose4j skips characters that do not belong to the alphabet. */
    private static byte[] decode(String part) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(part);
        } catch (IllegalArgumentException e) {
            throw Refusal.MALFORMED.exception();
        }
        // Refuses padding, and bits after the last byte: a token has only one form.
        if (bytes.length == 0
                || !Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(bytes)
                        .equals(part)) {
            throw Refusal.MALFORMED.exception();
        }
        return bytes;
    }
}
