package dev.confab.netty;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/**
 * A request of HTTP/1.0 that is invalid if it has several lengths. The decoder of Netty 4.2.18 counts the first length
 * and removes the others, so {@link RequestCheck} would not find them. It sets the result before.
 */
final class Http10Request extends DefaultHttpRequest {
    private Http10Request(HttpRequest line) {
        super(line.protocolVersion(), line.method(), line.uri());
    }

    /** @param message a message that has no headers yet; is returned if its version is not 1.0 */
    static HttpMessage of(HttpMessage message) {
        boolean isHttp10 = message.protocolVersion().equals(HttpVersion.HTTP_1_0);
        return isHttp10 && message instanceof HttpRequest line ? new Http10Request(line) : message;
    }

    @Override
    public void setDecoderResult(DecoderResult result) {
        int lengths = headers().getAll(HttpHeaderNames.CONTENT_LENGTH).size();
        boolean isAmbiguous = result.isSuccess() && lengths > 1;
        super.setDecoderResult(isAmbiguous ? DecoderResult.failure(new DecoderException("lengths")) : result);
    }
}
