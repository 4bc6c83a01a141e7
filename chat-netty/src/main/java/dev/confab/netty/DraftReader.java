package dev.confab.netty;

import dev.confab.core.Draft;
import dev.confab.core.Nick;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a draft, that is, the fields {@code body}, {@code nick} and {@code key}, from a JSON object or a form.
 *
 * <p>A field {@code room} is rejected. The room belongs in the query, so the message would be published in another room
 * than the client intended. Other unknown fields are ignored, so that a client may be newer than the server.
 */
final class DraftReader {
    private static final int MAX_NESTING = 16;
    private static final String ROOM = "room";

    static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
            .build();

    private final JsonParser json;
    private @Nullable String body;
    private @Nullable String nick;
    private @Nullable String key;

    private DraftReader(JsonParser json) {
        this.json = json;
    }

    /** @throws HttpException or {@link dev.confab.core.ChatException} if the form is not a valid draft */
    static Draft readForm(Room room, Query form) {
        if (!form.all(ROOM).isEmpty()) {
            throw misplacedRoom();
        }
        return draft(room, form.first("body"), form.first("nick"), form.first("key"));
    }

    /** @throws HttpException or {@link dev.confab.core.ChatException} if the content is not a valid draft */
    static Draft readJson(Room room, ByteBuf content) {
        String text = FormReader.text(content, HttpReason.INVALID_JSON);
        DraftReader reader;
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
            reader = new DraftReader(json);
            reader.readObject();
        } catch (JacksonException e) {
            // The text of the exception would disclose the parser and its limits.
            throw HttpException.of(HttpReason.INVALID_JSON, "The body is not valid JSON");
        }
        return draft(room, reader.body, reader.nick, reader.key);
    }

    private static Draft draft(Room room, @Nullable String body, @Nullable String nick, @Nullable String key) {
        if (body == null) {
            throw HttpException.invalid(Reason.INVALID_BODY, "body", "is missing", "1 to 10,000 bytes of UTF-8");
        }
        return Draft.of(room, nick == null ? null : new Nick(nick), body, key);
    }

    private void readObject() {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw HttpException.of(HttpReason.INVALID_JSON, "The body is not a JSON object");
        }
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            JsonToken value = json.nextToken();
            switch (name) {
                case "body" -> body = string(json, name, Reason.INVALID_BODY);
                case "nick" -> nick = optional(name, Reason.INVALID_NICK);
                case "key" -> key = optional(name, Reason.INVALID_KEY);
                case ROOM -> checkRoom(value);
                default -> json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw HttpException.of(HttpReason.INVALID_JSON, "There is text after the JSON object");
        }
    }

    private void checkRoom(JsonToken value) {
        boolean isEmpty = value == JsonToken.VALUE_STRING && json.getString().isEmpty();
        if (value != JsonToken.VALUE_NULL && !isEmpty) {
            throw misplacedRoom();
        }
    }

    private static HttpException misplacedRoom() {
        return HttpException.invalid(
                HttpReason.INVALID_PARAMETER,
                ROOM,
                "is a field of the body",
                "a parameter of the query, as in /messages?room=lobby");
    }

    /** Reads an optional string. An empty string counts as a missing field, as in a form. */
    private @Nullable String optional(String field, Reason reason) {
        String text = string(json, field, reason);
        return text == null || text.isEmpty() ? null : text;
    }

    /** Reads the string at which the parser is. A JSON null counts as a missing field. */
    static @Nullable String string(JsonParser json, String field, Reason reason) {
        JsonToken value = json.currentToken();
        if (value == JsonToken.VALUE_NULL) {
            return null;
        }
        if (value != JsonToken.VALUE_STRING) {
            throw HttpException.invalid(reason, field, "is not a string", "a string");
        }
        return json.getString();
    }
}
