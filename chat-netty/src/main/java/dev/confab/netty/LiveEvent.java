package dev.confab.netty;

import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.Signal;
import java.io.ByteArrayOutputStream;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * An event that is not in the log: clients that are connected and keep up get it once, and others never. Immutable and
 * safe for any thread.
 */
public final class LiveEvent {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    /** The origin of an event. The JSON form has the name in lower case as its {@code type}. */
    public enum Type {
        /** The event comes from the application. */
        NOTICE,
        /** The event is a {@link Signal}. */
        SIGNAL;

        private final String code = name().toLowerCase(Locale.ROOT);

        /** Returns the stable name that clients see. */
        public String code() {
            return code;
        }
    }

    private final Type type;
    private final byte[] json;

    private LiveEvent(Type type, byte[] json) {
        this.type = type;
        this.json = json;
    }

    /**
     * Returns {@code {"type":"notice","room":…,"session":…,"text":…}}.
     *
     * @param room the room that the notice is about; null when it is about no room
     * @param session the name of the session that the notice is about; null when it is about no session
     */
    public static LiveEvent notice(@Nullable Room room, @Nullable String session, String text) {
        return of(Type.NOTICE, json -> {
            if (room != null) {
                json.writeStringProperty("room", room.name());
            }
            if (session != null) {
                json.writeStringProperty("session", session);
            }
            json.writeStringProperty("text", text);
        });
    }

    /** Returns {@code {"type":"signal","room":…,"event":…,"data":…,"nick":…}}; without a nick when there is none. */
    public static LiveEvent signal(Signal signal) {
        return of(Type.SIGNAL, json -> {
            json.writeStringProperty("room", signal.room().name());
            json.writeStringProperty("event", signal.event());
            json.writeStringProperty("data", signal.data());
            Nick nick = signal.nick();
            if (nick != null) {
                json.writeStringProperty("nick", nick.name());
            }
        });
    }

    private static LiveEvent of(Type type, Consumer<JsonGenerator> fields) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(128);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeStringProperty("type", type.code());
            fields.accept(json);
            json.writeEndObject();
        }
        return new LiveEvent(type, out.toByteArray());
    }

    public Type type() {
        return type;
    }

    /** Returns the JSON object in ASCII. The array is shared, and must not be changed. */
    public byte[] json() {
        return json;
    }
}
