package dev.confab.core;

import java.io.ByteArrayOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** The JSON form of entries and gaps. */
final class MessageJson {
    private static final JsonFactory JSON = new JsonFactory();

    private MessageJson() {}

    static byte[] encode(Message message, IdFormat ids) {
        ByteArrayOutputStream out =
                new ByteArrayOutputStream(160 + message.body().length());
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("type", message.type().code());
            json.writeStringProperty("id", ids.format(message.id()));
            json.writeStringProperty("room", message.room().name());
            Nick nick = message.nick();
            if (nick != null) {
                json.writeStringProperty("nick", nick.name());
            }
            if (message.type() == Message.Type.MESSAGE) {
                json.writeStringProperty("body", message.body());
            }
            json.writeStringProperty("created_at", Timestamps.format(message.createdAt()));
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    static byte[] encode(Gap gap, IdFormat ids) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(80);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("type", "gap");
            json.writeStringProperty("reason", gap.reason().code());
            json.writeStringProperty("id", ids.format(gap.to()));
            json.writeEndObject();
        }
        return out.toByteArray();
    }
}
