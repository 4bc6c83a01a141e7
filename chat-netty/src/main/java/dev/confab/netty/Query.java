package dev.confab.netty;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Names and values in the form encoding: a request's query, or the body of an HTML form. Strict: broken percent-encoding and
 * what is not UTF-8 are refused, where a lenient reader would guess. Decoded when first asked for. Confined to one thread.
 */
public final class Query {
    private static final int MAX_PAIRS = 256;

    private final String raw;
    private final int start;
    private final HttpReason reason;

    /** Name, value, name, value. */
    private @Nullable List<String> pairs;

    private Query(String raw, int start, HttpReason reason) {
        this.raw = raw;
        this.start = start;
        this.reason = reason;
    }

    /** The query of a request target: what is behind the first {@code ?}, if anything. */
    static Query of(String target) {
        int mark = target.indexOf('?');
        return new Query(target, mark < 0 ? target.length() : mark + 1, HttpReason.INVALID_PARAMETER);
    }

    /** The body of a form. */
    static Query ofForm(String body) {
        return new Query(body, 0, HttpReason.INVALID_FORM);
    }

    /**
     * The value of a parameter that is given at most once, or null when it is not given. An empty value is the same as none:
     * a form sends its empty fields too.
     *
     * @throws HttpException 400 {@code invalid_parameter} when it is given twice or the query is broken
     */
    public @Nullable String first(String name) {
        List<String> known = pairs();
        String value = null;
        for (int i = 0; i < known.size(); i += 2) {
            if (known.get(i).equals(name) && !known.get(i + 1).isEmpty()) {
                if (value != null) {
                    throw HttpException.invalid(reason, name, "is given twice", "one value");
                }
                value = known.get(i + 1);
            }
        }
        return value;
    }

    /**
     * All values of a parameter, in order and without empty ones.
     *
     * @throws HttpException 400 {@code invalid_parameter} when the query is broken
     */
    public List<String> all(String name) {
        List<String> known = pairs();
        List<String> values = List.of();
        for (int i = 0; i < known.size(); i += 2) {
            if (known.get(i).equals(name) && !known.get(i + 1).isEmpty()) {
                if (values.isEmpty()) {
                    values = new ArrayList<>(4);
                }
                values.add(known.get(i + 1));
            }
        }
        return values;
    }

    /** Passes on each name with its value, in order. */
    void forEach(BiConsumer<String, String> each) {
        List<String> known = pairs();
        for (int i = 0; i < known.size(); i += 2) {
            each.accept(known.get(i), known.get(i + 1));
        }
    }

    /**
     * The value of the parameter under which clients without the header send {@code Last-Event-ID}, such as {@code lastEventId},
     * in any spelling; null when it is not given or empty.
     *
     * @throws HttpException 400 {@code invalid_parameter} when it is given twice or the query is broken
     */
    public @Nullable String lastEventId() {
        List<String> known = pairs();
        for (int i = 0; i < known.size(); i += 2) {
            if (CursorNames.isLastEventId(known.get(i)) && !known.get(i + 1).isEmpty()) {
                return first(known.get(i));
            }
        }
        return null;
    }

    /**
     * The value of a parameter that is a whole number, or null when it is not given or empty.
     *
     * @throws HttpException 400 {@code invalid_parameter} when it is not one from {@code least} to {@code most}, or given twice
     */
    public @Nullable Integer integer(String name, int least, int most) {
        String text = first(name);
        if (text == null) {
            return null;
        }
        int number = -1;
        boolean digits = text.length() < 10;
        for (int i = 0; i < text.length() && digits; i++) {
            char c = text.charAt(i);
            digits = c >= '0' && c <= '9';
            number = Math.max(number, 0) * 10 + (c - '0');
        }
        if (!digits || number < least || number > most) {
            throw HttpException.invalid(reason, name, text, "a whole number from " + least + " to " + most);
        }
        return number;
    }

    private List<String> pairs() {
        List<String> known = pairs;
        if (known == null) {
            known = start == raw.length() ? List.of() : parse();
            pairs = known;
        }
        return known;
    }

    private List<String> parse() {
        List<String> found = new ArrayList<>(8);
        int from = start;
        while (from < raw.length()) {
            int end = raw.indexOf('&', from);
            end = end < 0 ? raw.length() : end;
            if (end > from) {
                add(found, from, end);
            }
            from = end + 1;
        }
        return found;
    }

    private void add(List<String> found, int from, int end) {
        if (found.size() == 2 * MAX_PAIRS) {
            throw HttpException.invalid(reason, null, "more than " + MAX_PAIRS + " parameters", "fewer");
        }
        int equals = raw.indexOf('=', from);
        int nameEnd = equals < 0 || equals > end ? end : equals;
        String name = decode(null, from, nameEnd);
        found.add(name);
        found.add(decode(name, Math.min(nameEnd + 1, end), end));
    }

    private String decode(@Nullable String field, int from, int end) {
        for (int i = from; i < end; i++) {
            char c = raw.charAt(i);
            if (c == '%' || c == '+') {
                return decodeEscaped(field, raw.substring(from, end));
            }
        }
        return raw.substring(from, end);
    }

    private String decodeEscaped(@Nullable String field, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            byte b = bytes[i];
            if (b == '%') {
                int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
                int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw HttpException.invalid(reason, field, text, "% with two hexadecimal digits");
                }
                bytes[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                bytes[length++] = b == '+' ? (byte) ' ' : b;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw HttpException.invalid(reason, field, text, "UTF-8");
        }
    }
}
