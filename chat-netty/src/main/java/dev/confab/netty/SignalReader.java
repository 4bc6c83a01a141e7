package dev.confab.netty;

import dev.confab.core.Nick;
import dev.confab.core.Reason;
import dev.confab.core.Room;
import dev.confab.core.Signal;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** Reads a signal, that is, the fields {@code event}, {@code data} and {@code nick}, from a JSON object. */
final class SignalReader {
    private @Nullable String event;
    private @Nullable String data;
    private @Nullable String nick;

    private SignalReader() {}

    /** @throws HttpException or {@link dev.confab.core.ChatException} if the content is not a valid signal */
    static Signal readJson(Room room, ByteBuf content) {
        String text = FormReader.text(content, HttpReason.INVALID_JSON);
        SignalReader reader = new SignalReader();
        try (JsonParser json = DraftReader.JSON.createParser(ObjectReadContext.empty(), text)) {
            reader.readObject(json);
        } catch (JacksonException e) {
            // The text of the exception would disclose the parser and its limits.
            throw HttpException.of(HttpReason.INVALID_JSON, "The body is not valid JSON");
        }
        return reader.signal(room);
    }

    private Signal signal(Room room) {
        if (event == null) {
            throw HttpException.invalid(Reason.INVALID_EVENT, "event", "is missing", "1 to 64 of A-Z a-z 0-9 . _ -");
        }
        Nick sender = nick == null || nick.isEmpty() ? null : new Nick(nick);
        return new Signal(room, event, data == null ? "" : data, sender, null);
    }

    private void readObject(JsonParser json) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw HttpException.of(HttpReason.INVALID_JSON, "The body is not a JSON object");
        }
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "event" -> event = DraftReader.string(json, name, Reason.INVALID_EVENT);
                case "data" -> data = DraftReader.string(json, name, Reason.INVALID_BODY);
                case "nick" -> nick = DraftReader.string(json, name, Reason.INVALID_NICK);
                default -> json.skipChildren();
            }
        }
        if (json.nextToken() != null) {
            throw HttpException.of(HttpReason.INVALID_JSON, "There is text after the JSON object");
        }
    }
}
