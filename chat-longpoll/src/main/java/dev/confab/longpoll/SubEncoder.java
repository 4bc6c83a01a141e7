package dev.confab.longpoll;

import dev.confab.core.Batch;
import dev.confab.core.Message;
import dev.confab.netty.Encoder;
import dev.confab.netty.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Encodes the response to a {@code GET /sub}, with its head. The batch has one message. */
final class SubEncoder implements Encoder {
    private static final JsonFactory JSON = new JsonFactory();

    @Override
    public ByteBuf encode(Batch batch, ByteBufAllocator allocator) {
        byte[] json = json(batch);
        return response(batch, Unpooled.EMPTY_BUFFER)
                .encodeHead(json.length, allocator)
                .writeBytes(json);
    }

    @Override
    public Duration lifetime() {
        return PageEncoder.LIFETIME;
    }

    static Response response(Batch batch) {
        return response(batch, Unpooled.wrappedBuffer(json(batch)));
    }

    private static Response response(Batch batch, ByteBuf body) {
        return PageEncoder.withCursor(batch.to().toString(), Response.json(HttpResponseStatus.OK, body));
    }

    /** Returns the object with both fields; a message without a nick has null. */
    private static byte[] json(Batch batch) {
        Message message = batch.entries().get(0).message();
        ByteArrayOutputStream out =
                new ByteArrayOutputStream(64 + message.body().length());
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            json.writeName("nick");
            // A null is written as a JSON null.
            json.writeString(message.nick() == null ? null : message.nick().name());
            json.writeStringProperty("message", message.body());
            json.writeEndObject();
        }
        return out.toByteArray();
    }
}
