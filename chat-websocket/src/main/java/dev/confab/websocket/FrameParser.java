package dev.confab.websocket;

import dev.confab.websocket.ClientFrame.Ref;
import dev.confab.websocket.ClientFrame.Tag;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Parses one message of a client. Unknown fields are skipped. Used once, by one thread.
 *
 * <p>A message is read completely before it is refused, because the fields that an error repeats may come after the
 * field at fault.
 */
final class FrameParser {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(16).build())
            .build();

    private static final String TYPES = "(expected: send, signal, subscribe, unsubscribe, auth or ping)";

    private @Nullable String type;
    private @Nullable String room;
    private @Nullable String after;
    private @Nullable String nick;
    private @Nullable String body;
    private @Nullable String token;
    private @Nullable String event;
    private @Nullable String data;
    private @Nullable String key;
    private @Nullable Ref ref;

    /** The description of the first fault, or null. */
    private @Nullable String fault;

    private FrameParser() {}

    /** @throws FrameException if the message is not a valid frame */
    static ClientFrame parse(byte[] utf8) {
        return new FrameParser().read(utf8);
    }

    private ClientFrame read(byte[] utf8) {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), utf8)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw refuse(FrameReason.INVALID_JSON, "The message is not a JSON object");
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                json.nextToken();
                take(json, name);
            }
            if (json.nextToken() != null) {
                throw refuse(FrameReason.INVALID_JSON, "There is text after the JSON object");
            }
        } catch (JacksonException e) {
            throw refuse(FrameReason.INVALID_JSON, "The message is not JSON as in RFC 8259");
        }
        String detail = fault;
        if (detail != null) {
            throw refuse(FrameReason.INVALID_FRAME, detail);
        }
        return frame();
    }

    private void take(JsonParser json, String name) {
        switch (name) {
            case "type" -> type = string(json, name);
            case "room" -> room = optional(json, name);
            case "after" -> after = optional(json, name);
            case "nick" -> nick = optional(json, name);
            case "body" -> body = string(json, name);
            case "token" -> token = string(json, name);
            case "event" -> event = optional(json, name);
            case "data" -> data = optional(json, name);
            case "key" -> key = optional(json, name);
            case "ref" -> ref = ref(json);
            default -> json.skipChildren();
        }
    }

    private ClientFrame frame() {
        String known = type;
        if (known == null) {
            throw refuse(FrameReason.INVALID_FRAME, "type: is missing " + TYPES);
        }
        return switch (known) {
            case "ping" -> new ClientFrame.Ping();
            case "send" -> send();
            case "auth" -> auth();
            case "signal" -> signal();
            case "subscribe" -> new ClientFrame.Subscribe(changedRoom(), after, tag());
            case "unsubscribe" -> new ClientFrame.Unsubscribe(changedRoom(), tag());
            default -> throw refuse(FrameReason.UNKNOWN_TYPE, "type: is not known " + TYPES);
        };
    }

    private ClientFrame auth() {
        String text = token;
        if (text == null) {
            throw refuse(FrameReason.INVALID_FRAME, "token: is missing (expected: a string)");
        }
        return new ClientFrame.Auth(text, tag());
    }

    private ClientFrame send() {
        String text = body;
        if (text == null) {
            throw refuse(FrameReason.INVALID_FRAME, "body: is missing (expected: a string)");
        }
        return new ClientFrame.Send(room, nick, text, tag());
    }

    private ClientFrame signal() {
        String kind = event;
        if (kind == null) {
            throw refuse(FrameReason.INVALID_FRAME, "event: is missing (expected: a string)");
        }
        return new ClientFrame.SendSignal(room, kind, data == null ? "" : data, tag());
    }

    private String changedRoom() {
        String name = room;
        if (name == null) {
            throw refuse(FrameReason.INVALID_FRAME, "room: is missing (expected: a string)");
        }
        return name;
    }

    private @Nullable String string(JsonParser json, String name) {
        if (json.currentToken() == JsonToken.VALUE_STRING) {
            return json.getString();
        }
        fault(json, name + ": is not a string (expected: a string)");
        return null;
    }

    /** Returns a string. JSON's null and an empty string count as missing. */
    private @Nullable String optional(JsonParser json, String name) {
        String text = json.currentToken() == JsonToken.VALUE_NULL ? null : string(json, name);
        return text == null || text.isEmpty() ? null : text;
    }

    private @Nullable Ref ref(JsonParser json) {
        JsonToken token = json.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        boolean isNumber = token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT;
        String text = isNumber || token == JsonToken.VALUE_STRING ? json.getString() : null;
        if (text == null || text.length() > Ref.MAX_LENGTH) {
            fault(
                    json,
                    "ref: is something else (expected: a string or number of at most " + Ref.MAX_LENGTH
                            + " characters)");
            return null;
        }
        return new Ref(text, isNumber);
    }

    /** Records the fault if it is the first, and skips the value. */
    private void fault(JsonParser json, String detail) {
        if (fault == null) {
            fault = detail;
        }
        json.skipChildren();
    }

    private Tag tag() {
        return key == null && ref == null ? Tag.NONE : new Tag(key, ref);
    }

    private FrameException refuse(FrameReason reason, String detail) {
        return new FrameException(reason, detail, tag());
    }
}
