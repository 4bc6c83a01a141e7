package dev.confab.demo.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a sequence of HTTP/1.1 responses and parses only the parts that a client needs. For one event loop. */
abstract class ResponseReader extends ByteToMessageDecoder {
    private static final String LENGTH = "content-length:";
    private static final String CODING = "transfer-encoding:";
    private static final String CURSOR = "chat-cursor:";

    private enum State {
        STATUS,
        HEADER,
        BODY,
        BODY_TO_CLOSE,
        CHUNK_SIZE,
        CHUNK,
        CHUNK_END,
        TRAILER
    }

    private State state = State.STATUS;
    private int status;
    private long left;
    private boolean isChunked;
    private boolean hasLength;
    private @Nullable String cursor;

    /** Called when the head of a response is complete. */
    void head(ChannelHandlerContext context) {}

    /** Takes exactly {@code length} bytes of the body. */
    abstract void body(ByteBuf in, int length);

    /** Called when the response is complete. */
    abstract void end(ChannelHandlerContext context);

    /** Returns the status of the response that is being read. */
    final int status() {
        return status;
    }

    /** Returns the {@code Chat-Cursor} of the response that is being read, or of the last response with this header. */
    final @Nullable String cursor() {
        return cursor;
    }

    @Override
    protected final void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        boolean goesOn = true;
        while (goesOn && in.isReadable()) {
            goesOn = switch (state) {
                case STATUS, HEADER, CHUNK_SIZE, CHUNK_END, TRAILER -> line(context, in);
                case BODY, CHUNK -> part(context, in);
                case BODY_TO_CLOSE -> {
                    body(in, in.readableBytes());
                    yield true;
                }
            };
        }
    }

    private boolean part(ChannelHandlerContext context, ByteBuf in) {
        int length = (int) Math.min(left, in.readableBytes());
        body(in, length);
        left -= length;
        if (left == 0) {
            if (isChunked) {
                state = State.CHUNK_END;
            } else {
                endAll(context);
            }
        }
        return true;
    }

    private boolean line(ChannelHandlerContext context, ByteBuf in) {
        int start = in.readerIndex();
        int lf = in.indexOf(start, in.writerIndex(), (byte) '\n');
        if (lf < 0) {
            return false;
        }
        int end = lf > start && in.getByte(lf - 1) == '\r' ? lf - 1 : lf;
        in.readerIndex(lf + 1);
        switch (state) {
            case STATUS -> statusLine(in, start, end);
            case HEADER -> {
                if (start == end) {
                    endHead(context);
                } else {
                    header(in, start, end);
                }
            }
            case CHUNK_SIZE -> {
                left = Long.parseLong(
                        text(in, start, end).replaceFirst(";.*", "").strip(), 16);
                state = left == 0 ? State.TRAILER : State.CHUNK;
            }
            case CHUNK_END -> state = State.CHUNK_SIZE;
            default -> {
                if (start == end) {
                    endAll(context);
                }
            }
        }
        return true;
    }

    private void statusLine(ByteBuf in, int start, int end) {
        if (end - start < 12 || in.getByte(start) != 'H') {
            throw new BenchException("not an HTTP response: " + text(in, start, end));
        }
        status = (in.getByte(start + 9) - '0') * 100
                + (in.getByte(start + 10) - '0') * 10
                + in.getByte(start + 11)
                - '0';
        left = 0;
        isChunked = false;
        hasLength = false;
        state = State.HEADER;
    }

    private void header(ByteBuf in, int start, int end) {
        if (is(LENGTH, in, start, end)) {
            hasLength = true;
            left = Long.parseLong(text(in, start + LENGTH.length(), end).strip());
        } else if (is(CODING, in, start, end)) {
            isChunked = text(in, start, end).toLowerCase(Locale.ROOT).endsWith("chunked");
        } else if (is(CURSOR, in, start, end)) {
            cursor = text(in, start + CURSOR.length(), end).strip();
        }
    }

    private void endHead(ChannelHandlerContext context) {
        head(context);
        if (isChunked) {
            state = State.CHUNK_SIZE;
        } else if (!hasLength) {
            state = State.BODY_TO_CLOSE;
        } else if (left == 0) {
            endAll(context);
        } else {
            state = State.BODY;
        }
    }

    private void endAll(ChannelHandlerContext context) {
        state = State.STATUS;
        end(context);
    }

    private static boolean is(String name, ByteBuf in, int start, int end) {
        if (end - start < name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            int c = in.getByte(start + i);
            if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static String text(ByteBuf in, int start, int end) {
        return in.toString(start, end - start, StandardCharsets.ISO_8859_1);
    }
}
