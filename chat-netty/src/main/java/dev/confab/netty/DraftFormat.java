package dev.confab.netty;

import dev.confab.core.Draft;
import dev.confab.core.Room;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/** What the head of a request says about the draft in its body: the room that it is for, and how it is written. */
record DraftFormat(Room room, MediaType type) {
    /** @throws HttpException or {@link dev.confab.core.ChatException} for what no draft is read from */
    static DraftFormat of(Exchange exchange) {
        String name = exchange.query().first("room");
        Room room = name == null ? Room.LOBBY : new Room(name);
        HttpHeaders headers = exchange.request().headers();
        if (headers.contains(HttpHeaderNames.CONTENT_ENCODING)) {
            throw HttpException.of(HttpReason.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding (expected: none)");
        }
        MediaType type = MediaType.of(headers.get(HttpHeaderNames.CONTENT_TYPE));
        if (type == MediaType.OTHER) {
            throw HttpException.of(
                    HttpReason.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type (expected: application/json or application/x-www-form-urlencoded, in UTF-8)");
        }
        return new DraftFormat(room, type);
    }

    /** @throws HttpException or {@link dev.confab.core.ChatException} for all that is not a draft */
    Draft read(ByteBuf content) {
        return type == MediaType.FORM ? DraftReader.readForm(room, content) : DraftReader.readJson(room, content);
    }
}
