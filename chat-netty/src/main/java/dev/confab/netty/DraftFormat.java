package dev.confab.netty;

import dev.confab.core.Draft;
import dev.confab.core.IdFormat;
import dev.confab.core.Room;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The information in a request's head about the draft in its body.
 *
 * @param room the room of the draft
 * @param ids the form of the id in the response
 * @param session the name of the session that does not get the message, or null
 * @param type the media type of the body
 */
record DraftFormat(Room room, IdFormat ids, @Nullable String session, MediaType type) {
    private static final List<String> FIELDS = List.of("body", "nick", "key");

    /** @throws HttpException or {@link dev.confab.core.ChatException} if the head does not allow a draft to be read */
    static DraftFormat of(Exchange exchange) {
        Target target = exchange.parsed(Target.class, DraftFormat::target);
        MediaType type = MediaType.of(exchange.head().headers());
        if (type == MediaType.OTHER) {
            throw HttpException.of(
                    HttpReason.UNSUPPORTED_MEDIA_TYPE,
                    "Content-Type (expected: application/json, application/x-www-form-urlencoded or"
                            + " multipart/form-data, in UTF-8)");
        }
        return new DraftFormat(target.room, target.ids, target.session, type);
    }

    private static Target target(Query query) {
        checkFields(query);
        String name = query.first("room");
        return new Target(name == null ? Room.LOBBY : Room.named(name), ReadRequest.ids(query), Sessions.name(query));
    }

    /**
     * Rejects the fields of a draft in the query, where they would have no effect: the message would have no author, or
     * would be stored twice in spite of its key.
     */
    private static void checkFields(Query query) {
        for (String field : FIELDS) {
            if (!query.all(field).isEmpty()) {
                throw HttpException.invalid(
                        HttpReason.INVALID_PARAMETER,
                        field,
                        "is a parameter of the query",
                        "a field of the JSON object or form in the request's body");
            }
        }
    }

    /** @throws HttpException or {@link dev.confab.core.ChatException} if the body is not a valid draft */
    Draft read(Exchange exchange) {
        ByteBuf content = exchange.content();
        return type == MediaType.JSON || (type == MediaType.FORM && isObject(content))
                ? DraftReader.readJson(room, content)
                : DraftReader.readForm(room, exchange.form());
    }

    /**
     * Returns whether a form is JSON in fact, because its first byte that is not blank is a brace. Many clients,
     * {@code curl -d} for example, send the type of a form unless they are told another type. In a form of a browser,
     * a brace is percent-encoded.
     */
    private static boolean isObject(ByteBuf content) {
        int first = content.forEachByte(b -> b == ' ' || b == '\t' || b == '\r' || b == '\n');
        return first >= 0 && content.getByte(first) == '{';
    }

    /** The parameters of the query. */
    private record Target(Room room, IdFormat ids, @Nullable String session) {}
}
