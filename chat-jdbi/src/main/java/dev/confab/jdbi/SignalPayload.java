package dev.confab.jdbi;

import dev.confab.core.ChatException;
import dev.confab.core.Nick;
import dev.confab.core.Room;
import dev.confab.core.Signal;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The text of a notification that carries a signal. A notification reaches all logs in the database, so it names its
 * log. It also names its node, which has delivered the signal already. The parts are lines; only the last one, the
 * data, can contain line ends.
 *
 * @param log identifies the log in the database
 * @param node identifies the node that sent the signal
 */
record SignalPayload(long log, long node, Signal signal) {
    private static final String PREFIX = "signal";
    private static final Pattern LINE = Pattern.compile("\n");
    private static final int PARTS = 7;

    static boolean is(String payload) {
        return payload.startsWith(PREFIX + "\n");
    }

    /** Returns null when the payload is not of this form, because a newer node or another program has sent it. */
    static @Nullable SignalPayload parse(String payload) {
        String[] parts = LINE.split(payload, PARTS);
        if (parts.length != PARTS || !parts[0].equals(PREFIX)) {
            return null;
        }
        try {
            Nick nick = parts[5].isEmpty() ? null : new Nick(parts[5]);
            Signal signal = new Signal(new Room(parts[3]), parts[4], parts[6], nick, null);
            return new SignalPayload(Long.parseLong(parts[1]), Long.parseLong(parts[2]), signal);
        } catch (ChatException | NumberFormatException e) {
            return null;
        }
    }

    String format() {
        Nick nick = signal.nick();
        return String.join(
                "\n",
                PREFIX,
                Long.toString(log),
                Long.toString(node),
                signal.room().name(),
                signal.event(),
                nick == null ? "" : nick.name(),
                signal.data());
    }
}
