package dev.confab.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FormReaderTest {
    private static final String FORM = """
            --b\r
            Content-Disposition: form-data; name="nick"\r
            \r
            ann\r
            --b\r
            Content-Disposition: form-data; name="body"\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Transfer-Encoding: 7bit\r
            \r
            hello\r
            --b--\r
            """;

    @Test
    void aFormThatIsCutOffAnywhereIsRefused() {
        int end = FORM.lastIndexOf("--") + 2;
        for (int i = 0; i < end; i++) {
            String cut = FORM.substring(0, i);
            assertThatThrownBy(() -> read(bytes(cut))).as(cut).isInstanceOf(HttpException.class);
        }
        assertThat(read(bytes(FORM.substring(0, end))).first("body")).isEqualTo("hello");
    }

    /** A damaged form may still be a form, but nothing other than a clear error may come of it. */
    @Test
    void aDamagedFormIsReadOrRefused() {
        Random random = new Random(1);
        byte[] form = bytes(FORM);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = form.clone();
            for (int n = random.nextInt(3); n >= 0; n--) {
                damaged[random.nextInt(form.length)] = (byte) "\0\r\n-b\"; :=a\u00ff".charAt(random.nextInt(12));
            }
            try {
                read(damaged).all("body");
            } catch (HttpException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(1, 19_999);
    }

    private static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Query read(byte[] body) {
        HttpRequest request = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/messages");
        request.headers().set(HttpHeaderNames.CONTENT_TYPE, "multipart/form-data; boundary=b");
        ByteBuf content = Unpooled.wrappedBuffer(body);
        Query form = FormReader.multipart(request, content);
        assertThat(content.readableBytes()).isEqualTo(body.length);
        return form;
    }
}
