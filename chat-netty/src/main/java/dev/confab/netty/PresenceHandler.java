package dev.confab.netty;

import dev.confab.core.ChatService;
import dev.confab.core.Nick;
import dev.confab.core.Participant;
import dev.confab.core.Room;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.OutputStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code GET /presence?room}: who is in a room, on any node, as {@code {"room":…,"participants":[{"nick":…}]}}. */
public final class PresenceHandler implements Endpoint {
    private static final JsonFactory JSON = new JsonFactory();

    private final ChatService chat;

    public PresenceHandler(ChatService chat) {
        this.chat = chat;
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.GET;
    }

    @Override
    public String path() {
        return "/presence";
    }

    @Override
    public void handle(Exchange exchange) {
        String name = exchange.query().first("room");
        Room room = name == null ? Room.LOBBY : new Room(name);
        exchange.then(
                chat.participants(room),
                there -> exchange.answer(Answer.json(
                        HttpResponseStatus.OK,
                        encode(room, there, exchange.channel().alloc().buffer()))));
    }

    private static ByteBuf encode(Room room, List<Participant> there, ByteBuf out) {
        OutputStream stream = new ByteBufOutputStream(out);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), stream)) {
            json.writeStartObject();
            json.writeStringProperty("room", room.name());
            json.writeArrayPropertyStart("participants");
            for (Participant participant : there) {
                Nick nick = participant.nick();
                json.writeStartObject();
                json.writeStringProperty("nick", nick.name());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return out;
    }
}
