package dev.confab.netty;

import dev.confab.core.ChatService;
import dev.confab.core.Nick;
import dev.confab.core.Participant;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * {@code GET /presence?room}: responds with the participants of a room, on all nodes, as
 * {@code {"room":…,"participants":[{"nick":…}]}}.
 *
 * <p>If several rooms are given, the response is an array of such objects, sorted by room.
 */
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
    public boolean servesHead() {
        return true;
    }

    @Override
    public void handle(Exchange exchange) {
        RoomSet rooms = ReadRequest.rooms(exchange.query());
        exchange.permitted(Operation.PRESENCE, rooms, () -> list(exchange, rooms.rooms()));
    }

    private void list(Exchange exchange, List<Room> rooms) {
        CompletableFuture<List<List<Participant>>> all = CompletableFuture.completedFuture(List.of());
        // One room after the other, so that one request does not occupy all threads that read from the store.
        for (Room room : rooms) {
            all = all.thenCompose(before -> chat.participants(room).thenApply(there -> plus(before, there)));
        }
        exchange.then(
                all,
                there -> exchange.answer(Response.json(
                        HttpResponseStatus.OK,
                        encode(rooms, there, exchange.channel().alloc().buffer()))));
    }

    private static List<List<Participant>> plus(List<List<Participant>> before, List<Participant> there) {
        List<List<Participant>> both = new ArrayList<>(before);
        both.add(there);
        return both;
    }

    private static ByteBuf encode(List<Room> rooms, List<List<Participant>> there, ByteBuf out) {
        OutputStream stream = new ByteBufOutputStream(out);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), stream)) {
            if (rooms.size() == 1) {
                write(json, rooms.get(0), there.get(0));
            } else {
                json.writeStartArray();
                for (int i = 0; i < rooms.size(); i++) {
                    write(json, rooms.get(i), there.get(i));
                }
                json.writeEndArray();
            }
        }
        return out;
    }

    private static void write(JsonGenerator json, Room room, List<Participant> there) {
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
}
