package dev.confab.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** Writes answers to a connection, without a flush. */
final class AnswerWriter {
    /** A body up to this size is copied behind its head: one buffer is cheaper than two. */
    private static final int COPIED = 4 << 10;

    private AnswerWriter() {}

    /** @param answer taken over */
    static void writeBytes(
            ChannelHandlerContext context, Answer answer, @Nullable CharSequence connection, boolean isHead) {
        ByteBuf body = answer.body();
        int size = body.readableBytes();
        boolean isCopied = !isHead && size <= COPIED;
        ByteBuf head = AnswerEncoder.head(answer, connection, context.alloc(), isCopied ? size : 0);
        if (isCopied) {
            head.writeBytes(body);
        }
        context.write(head, context.voidPromise());
        if (isCopied || isHead) {
            body.release();
        } else {
            context.write(body, context.voidPromise());
        }
    }

    /** For an encoder of others, which knows by itself what a HEAD was.
     *
     * @param answer taken over
     */
    static void writeObject(ChannelHandlerContext context, Answer answer, @Nullable CharSequence connection) {
        context.write(AnswerEncoder.response(answer, connection));
    }
}
