package dev.confab.websocket;

import dev.confab.core.Draft;
import dev.confab.core.Room;
import dev.confab.netty.HttpException;
import dev.confab.websocket.ClientFrame.Ref;
import dev.confab.websocket.ClientFrame.Tag;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * The JSON of the server's frames other than entries and gaps. Non-ASCII characters are escaped, because a text that
 * the client sent is repeated to it even if the text contains half a surrogate pair. Pure; safe for any thread.
 */
final class ServerFrame {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final byte[] PONG = "{\"type\":\"pong\"}".getBytes(StandardCharsets.US_ASCII);

    private ServerFrame() {}

    /**
     * Returns the acknowledgement of a durable publish.
     *
     * @param id the id of the message, in the form that the client has asked for
     */
    static byte[] ack(String id, Tag tag) {
        return object("ack", json -> {
            json.writeStringProperty("id", id);
            write(json, tag);
        });
    }

    /**
     * Returns the answer to a valid token.
     *
     * @param expires the time from which another token is needed; null for never
     */
    static byte[] authenticated(@Nullable Instant expires, Tag tag) {
        return object("authenticated", json -> {
            if (expires != null) {
                json.writeStringProperty("expires", expires.toString());
            }
            write(json, tag);
        });
    }

    /** Returns the error that tells the client of a failure. An unexpected failure is logged, and not described. */
    static byte[] error(Throwable failure, Tag tag) {
        HttpException problem = HttpException.of(failure);
        return error(problem.code(), String.valueOf(problem.getMessage()), tag);
    }

    static byte[] error(String code, String detail, Tag tag) {
        return object("error", json -> {
            json.writeStringProperty("code", code);
            json.writeStringProperty("detail", detail);
            write(json, tag);
        });
    }

    /**
     * Returns the reply to a subscribe.
     *
     * @param cursor the position after which the room's entries follow, in the form that the client has asked for
     */
    static byte[] subscribed(Room room, String cursor, Tag tag) {
        return change("subscribed", room, cursor, tag);
    }

    /**
     * Returns the reply to an unsubscribe.
     *
     * @param cursor the position up to which the client has got the room's entries
     */
    static byte[] unsubscribed(Room room, String cursor, Tag tag) {
        return change("unsubscribed", room, cursor, tag);
    }

    private static byte[] change(String type, Room room, String cursor, Tag tag) {
        return object(type, json -> {
            json.writeStringProperty("room", room.name());
            json.writeStringProperty("cursor", cursor);
            write(json, tag);
        });
    }

    /** Returns a shared array, which must not be changed. */
    static byte[] pong() {
        return PONG;
    }

    private static void write(JsonGenerator json, Tag tag) {
        String key = tag.key();
        // A key that is too long is refused, and is not repeated.
        if (key != null && key.length() <= Draft.MAX_KEY_LENGTH) {
            json.writeStringProperty("key", key);
        }
        @Nullable Ref ref = tag.ref();
        if (ref != null) {
            json.writeName("ref");
            if (ref.isNumber()) {
                json.writeNumber(ref.text());
            } else {
                json.writeString(ref.text());
            }
        }
    }

    private static byte[] object(String type, Consumer<JsonGenerator> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(128);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("type", type);
            fields.accept(json);
            json.writeEndObject();
        }
        return out.toByteArray();
    }
}
