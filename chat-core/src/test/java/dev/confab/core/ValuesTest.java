package dev.confab.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The validation of the value records, and the texts of their errors. */
class ValuesTest {
    private static final Nick ANN = new Nick("ann");
    private static final String BODY = "1 to 10,000 bytes of UTF-8";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "lobby",
                "A-Z_a-z.0-9",
                "..",
                "-",
                "1234567890123456789012345678901234567890123456789012345678901234"
            })
    void plainNamesAreValidRooms(String name) {
        assertThat(new Room(name).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "ä", "a b", "a/b", "a\n", "12345678901234567890123456789012345678901234567890123456789012345"
            })
    void otherNamesAreRefusedAsRooms(String name) {
        assertRefused(
                () -> new Room(name),
                Reason.INVALID_ROOM,
                "room: " + name.replace('\n', '?') + " (expected: 1 to 64 of A-Z a-z 0-9 . _ -)");
    }

    @Test
    void roomSetsAreSortedAndWithoutDuplicates() {
        Room a = new Room("a");
        Room b = new Room("b");
        assertThat(RoomSet.of(b, a, b)).isEqualTo(RoomSet.of(a, b)).hasToString("a,b");
        assertRefused(() -> RoomSet.of(), Reason.INVALID_ROOM, "room: 0 rooms (expected: 1 to 64 rooms)");
        List<Room> tooMany =
                IntStream.range(0, 65).mapToObj(i -> new Room("r" + i)).toList();
        assertRefused(() -> RoomSet.of(tooMany), Reason.INVALID_ROOM, "room: 65 rooms (expected: 1 to 64 rooms)");
        assertThat(RoomSet.of(tooMany.subList(0, 64)).rooms()).hasSize(64);
    }

    @Test
    void nicksAreCountedInCodePoints() {
        assertThat(new Nick("😀".repeat(64)).name()).hasSize(128);
        assertThat(new Nick(" ")).hasToString(" ");
        String tooLong = "😀".repeat(65);
        assertRefused(
                () -> new Nick(tooLong),
                Reason.INVALID_NICK,
                "nick: " + "😀".repeat(40) + "… (expected: 1 to 64 characters, no control characters)");
        assertRefused(
                () -> new Nick(""),
                Reason.INVALID_NICK,
                "nick:  (expected: 1 to 64 characters, no control characters)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\nb", "a\rb", "\u007F", "\u0085", "\u2028", "\u2029", "\u001B[0m"})
    void nicksWithControlCharactersAreRefused(String name) {
        assertThatThrownBy(() -> new Nick(name))
                .isInstanceOfSatisfying(
                        ChatException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_NICK))
                .hasMessageEndingWith("(expected: 1 to 64 characters, no control characters)");
    }

    @Test
    void textThatIsNotValidUnicodeIsRefused() {
        assertRefused(() -> new Nick("a\0"), Reason.INVALID_TEXT, "nick: has U+0000 (expected: text without it)");
        assertRefused(() -> draft("a\0b"), Reason.INVALID_TEXT, "body: has U+0000 (expected: text without it)");
        String unpaired = "body: has an unpaired surrogate (expected: Unicode text)";
        assertRefused(() -> draft("\uD83D"), Reason.INVALID_TEXT, unpaired);
        assertRefused(() -> draft("\uDE00\uD83D"), Reason.INVALID_TEXT, unpaired);
        assertRefused(() -> draft("\uD83D\uD83D\uDE00"), Reason.INVALID_TEXT, unpaired);
    }

    @Test
    void bodiesAreCountedInBytesOfUtf8() {
        assertThat(draft("x".repeat(10_000)).body()).hasSize(10_000);
        assertThat(draft("ä".repeat(5_000)).body()).hasSize(5_000);
        assertThat(draft("😀".repeat(2_500)).body()).hasSize(5_000);
        assertRefused(() -> draft(""), Reason.INVALID_BODY, "body: is empty (expected: " + BODY + ")");
        String tooLarge = "body: 10001 bytes (expected: at most 10,000 bytes of UTF-8)";
        assertRefused(() -> draft("x".repeat(10_001)), Reason.MESSAGE_TOO_LARGE, tooLarge);
        assertRefused(() -> draft("€".repeat(3_333) + "ä"), Reason.MESSAGE_TOO_LARGE, tooLarge);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "ä",
                "a\n",
                "\u007F",
                "12345678901234567890123456789012345678901234567890123456789012345"
            })
    void keysThatAreNotPrintableAsciiAreRefused(String key) {
        assertThat(Draft.of(Room.LOBBY, null, "x", "!~".repeat(32)).key()).hasSize(64);
        assertRefused(
                () -> Draft.of(Room.LOBBY, null, "x", key),
                Reason.INVALID_KEY,
                "key: " + key.replaceAll("\\p{Cntrl}", "?") + " (expected: 1 to 64 printable ASCII characters)");
    }

    @Test
    void joinsHaveANickAndNothingElse() {
        assertThat(Draft.join(Room.LOBBY, ANN).body()).isEmpty();
        String message = "type: LEAVE (expected: a nick, no body, no key)";
        assertThatThrownBy(() -> new Draft(Message.Type.LEAVE, Room.LOBBY, null, "", null))
                .hasMessage(message);
        assertThatThrownBy(() -> new Draft(Message.Type.LEAVE, Room.LOBBY, ANN, "x", null))
                .hasMessage(message);
        assertThatThrownBy(() -> new Draft(Message.Type.LEAVE, Room.LOBBY, ANN, "", "k"))
                .hasMessage(message);
    }

    @Test
    void limitsAndRetentionArePositive() {
        assertThatThrownBy(() -> new Limit(0, 1)).hasMessage("limit: 0 entries, 1 bytes (expected: 1 or more)");
        assertThatThrownBy(() -> new Limit(1, 0)).hasMessage("limit: 1 entries, 0 bytes (expected: 1 or more)");
        assertThatThrownBy(() -> new Retention(Duration.ZERO, null))
                .hasMessage("maxAge: PT0S (expected: more than zero)");
        assertThatThrownBy(() -> new Retention(null, 0)).hasMessage("maxEntries: 0 (expected: 1 or more)");
    }

    private static Draft draft(String body) {
        return Draft.of(Room.LOBBY, body);
    }

    private static void assertRefused(ThrowingCallable call, Reason reason, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ChatException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessage(message);
    }
}
