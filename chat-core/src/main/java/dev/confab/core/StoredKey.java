package dev.confab.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * What is kept of a publish key: enough to answer its repetition, also when the entry is gone.
 *
 * @param id the id the first publish got
 * @param digest of its nick and body
 */
record StoredKey(MessageId id, UUID digest) {
    static StoredKey of(MessageId id, Draft draft) {
        return new StoredKey(id, digest(draft));
    }

    /** Whether {@code draft}, which has the same key in the same room, is a repetition. */
    boolean matches(Draft draft) {
        return digest.equals(digest(draft));
    }

    /** The first 128 bits of SHA-256. U+0000 parts nick and body, as neither can hold it; no nick is an empty one. */
    private static UUID digest(Draft draft) {
        Nick nick = draft.nick();
        String text = (nick == null ? "" : nick.name()) + '\0' + draft.body();
        try {
            ByteBuffer hash =
                    ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
            return new UUID(hash.getLong(), hash.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every Java platform", e);
        }
    }
}
