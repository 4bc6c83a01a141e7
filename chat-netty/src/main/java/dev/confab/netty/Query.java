package dev.confab.netty;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Names and values in the form encoding: a request's query, or the body of an HTML form. Parsing is strict: broken
 * percent-encoding and bytes that are not UTF-8 are rejected, where a lenient parser would guess. The values are
 * decoded when they are first needed. Confined to one thread.
 */
public final class Query {
    /** The maximum number of parameters of a query, and of fields of a form. */
    static final int MAX_PAIRS = 256;

    private final String raw;
    private final int start;
    private final HttpReason reason;

    /** Names and values in turn: name, value, name, value, … */
    private @Nullable List<String> pairs;

    private Query(String raw, int start, HttpReason reason) {
        this.raw = raw;
        this.start = start;
        this.reason = reason;
    }

    /**
     * Returns the query of a request target: the part after the first {@code ?}. Without a {@code ?}, the query is
     * empty.
     */
    static Query of(String target) {
        int mark = target.indexOf('?');
        return new Query(target, mark < 0 ? target.length() : mark + 1, HttpReason.INVALID_PARAMETER);
    }

    /** Parses the body of a form. */
    static Query ofForm(String body) {
        return new Query(body, 0, HttpReason.INVALID_FORM);
    }

    /** @param pairs the fields of a form that another parser has decoded: name, value, name, value, … */
    static Query ofPairs(List<String> pairs) {
        Query form = ofForm("");
        form.pairs = List.copyOf(pairs);
        return form;
    }

    /**
     * Returns the value of a parameter that may be given at most once; null when it is not given. An empty value counts
     * as not given, because a form also sends its empty fields.
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
     * Returns all values of a parameter that are not empty, in order.
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

    /** Calls {@code each} with every name and its value, in order. */
    void forEach(BiConsumer<String, String> each) {
        List<String> known = pairs();
        for (int i = 0; i < known.size(); i += 2) {
            each.accept(known.get(i), known.get(i + 1));
        }
    }

    /**
     * Returns the value of the parameter {@code lastEventId}, in any of its spellings; null when it is not given or
     * empty. Clients that cannot set the header {@code Last-Event-ID} send this parameter instead.
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
     * Returns the value of a parameter that is a whole number; null when it is not given or empty.
     *
     * @throws HttpException 400 {@code invalid_parameter} when the value is not a whole number from {@code least} to
     *     {@code most}, or when the parameter is given twice
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
                    // Only the broken part is shown, because no error repeats the text of a message.
                    String broken = new String(bytes, i, Math.min(3, bytes.length - i), StandardCharsets.UTF_8);
                    throw HttpException.invalid(reason, field, broken, "% with two hexadecimal digits");
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
            // The field of a form may be the text of a message, which no error repeats.
            String shown = reason == HttpReason.INVALID_FORM ? "other bytes" : text;
            throw HttpException.invalid(reason, field, shown, "UTF-8");
        }
    }
}
