package dev.confab.example;

import static java.nio.charset.StandardCharsets.*;
import static java.nio.file.StandardOpenOption.*;

import dev.confab.core.*;
import dev.confab.core.AppendPlan.*;
import java.io.IOException;
import java.net.*;
import java.nio.file.*;
import java.time.*;
import java.util.*;
import java.util.stream.*;
import java.util.zip.CRC32;

/**
 * A store in one file, for one process. This example uses only the public API.
 *
 * <p>The log is kept in memory. Each transaction is one line of the file: a CRC32 and the changes. The line is synced
 * before its changes take effect. Opening applies all lines that are not torn. The file never shrinks. Thread-safe.
 */
final class FileMessageStore implements MessageStore {
    private final Path file;
    private final InstantSource clock;
    private final NavigableMap<MessageId, Message> log = new TreeMap<>();
    private final Map<Room, MessageId> trims = new HashMap<>();
    private final Map<Key, KnownKey> keys = new HashMap<>();
    private final Nodes nodes = new Nodes();
    private MessageId origin = MessageId.MIN;
    private MessageId trimmed = MessageId.MIN;
    private boolean isClosed;

    FileMessageStore(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
        try {
            Files.writeString(file, "", CREATE, APPEND);
            for (String line : Files.readAllLines(file, ISO_8859_1)) {
                String changes = line.substring(line.indexOf(' ') + 1);
                if (line.equals(withChecksum(changes))) {
                    Stream.of(changes.split(" ")).forEach(this::apply);
                }
            }
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "file: " + file, e);
        }
        if (origin.equals(MessageId.MIN)) {
            commit(List.of(change("origin", MessageId.originOf(clock.instant()))));
        }
    }

    @Override
    public synchronized MessageId lastId() {
        // No id is above the cursor, so this is the highest id of the log, even if its message was trimmed.
        return floor(MessageId.MAX);
    }

    @Override
    public synchronized Appended append(UUID node, List<Draft> drafts) {
        AppendPlan plan = AppendPlan.of(lastId(), clock.instant(), drafts, keys, nodes.present(node));
        List<String> changes = new ArrayList<>();
        plan.messages().forEach(m -> changes.add(change("message", m.id(), m.type(), m.room(), m.nick(), m.body())));
        plan.keys()
                .forEach((name, key) -> changes.add(change("key", name.room(), name.text(), key.id(), key.digest())));
        plan.participants().forEach((who, here) -> changes.add(change("present", who.room(), who.nick(), node, here)));
        commit(changes);
        return plan.appended();
    }

    @Override
    public synchronized void beginLease(UUID node, Duration length) {
        commit(List.of(change("lease", node, clock.instant().plus(length))));
    }

    @Override
    public synchronized boolean renewLease(UUID node, Duration length) {
        boolean hasLease = ifOpen(nodes).hasLease(node);
        if (hasLease) {
            beginLease(node, length);
        }
        return hasLease;
    }

    @Override
    public synchronized boolean hasOtherNodes(UUID node) {
        return ifOpen(nodes).hasOthers(node, clock.instant());
    }

    @Override
    public synchronized Appended expireNodes(UUID node, boolean alone) {
        UUID dead = ifOpen(nodes).nextToExpire(node, alone, clock.instant());
        if (dead == null) {
            return null;
        }
        Appended appended = append(dead, nodes.leaves(dead));
        // The lease is removed last: if the process ends before that, the next call finds the node again.
        commit(List.of(change("expired", dead)));
        return appended;
    }

    @Override
    public synchronized Page readAfter(RoomSet rooms, MessageId after, MessageId through, Limit limit) {
        Stream<Message> newer = in(rooms, ifOpen(log).tailMap(after, false));
        return new Page.Builder(limit)
                .addAll(newer.takeWhile(message -> !message.id().isAfter(through)))
                .build(trimmedThrough(rooms));
    }

    @Override
    public synchronized List<Message> readBefore(RoomSet rooms, MessageId before, Limit limit) {
        NavigableMap<MessageId, Message> older = ifOpen(log).headMap(before, false);
        return new Page.Builder(limit).addAll(in(rooms, older.descendingMap())).reversed();
    }

    @Override
    public synchronized List<Message> readLog(MessageId after, Limit limit) {
        Collection<Message> newer = ifOpen(log).tailMap(after, false).values();
        return new Page.Builder(limit).addAll(newer.stream()).messages();
    }

    @Override
    public synchronized MessageId startOfLast(RoomSet rooms, int count) {
        return in(rooms, ifOpen(log).descendingMap())
                .skip(count)
                .limit(1)
                .map(Message::id)
                .reduce(trimmedThrough(rooms), MessageId::max);
    }

    private static Stream<Message> in(RoomSet rooms, Map<MessageId, Message> messages) {
        return messages.values().stream().filter(message -> rooms.rooms().contains(message.room()));
    }

    @Override
    public synchronized MessageId floor(MessageId cursor) {
        return MessageStore.floor(cursor, origin, trimmed, ifOpen(log).floorKey(cursor));
    }

    @Override
    public synchronized MessageId trimmedThrough(RoomSet rooms) {
        return rooms.rooms().stream()
                .map(room -> ifOpen(trims).getOrDefault(room, origin))
                .reduce(origin, MessageId::max);
    }

    @Override
    public synchronized Map<Room, MessageId> trimmedAfter(MessageId after) {
        Map<Room, MessageId> marks = new HashMap<>(ifOpen(trims));
        marks.values().removeIf(mark -> !mark.isAfter(after));
        return marks;
    }

    @Override
    public synchronized List<Participant> participants(Room room) {
        return ifOpen(nodes).participants(room);
    }

    @Override
    public synchronized Map<Room, MessageId> trim(Retention retention) {
        Instant now = clock.instant();
        MessageId cutoff = retention.cutoff(now);
        Map<Room, MessageId> removed = new HashMap<>();
        Map<Room, Integer> counts = new HashMap<>();
        for (Message message : ifOpen(log).descendingMap().values()) {
            int count = counts.merge(message.room(), 1, Integer::sum);
            if (!retention.allows(count) || cutoff.isAfter(message.id())) {
                removed.putIfAbsent(message.room(), message.id());
            }
        }
        List<String> changes = new ArrayList<>();
        removed.forEach((room, through) -> changes.add(change("trim", room, through)));
        commit(changes);
        keys.values().removeIf(key -> key.isExpired(now));
        return removed;
    }

    @Override
    public synchronized void close() {
        isClosed = true;
    }

    /** Returns {@code part}, a part of the state, unless the store is closed. */
    private <T> T ifOpen(T part) {
        if (isClosed) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "store: closed (expected: open)", null);
        }
        return part;
    }

    /** Syncs a transaction, then applies it. A failed write closes the store and leaves the outcome unknown. */
    private void commit(List<String> changes) {
        if (ifOpen(changes).isEmpty()) {
            return;
        }
        try {
            // The newline comes first, because the line before may be torn and have no end.
            Files.writeString(file, "\n" + withChecksum(String.join(" ", changes)), APPEND, DSYNC);
        } catch (IOException e) {
            close();
            throw new StoreException(StoreException.Kind.OUTCOME_UNKNOWN, "file: a write failed", e);
        }
        changes.forEach(this::apply);
    }

    private static String withChecksum(String changes) {
        CRC32 crc = new CRC32();
        crc.update(changes.getBytes(ISO_8859_1));
        return String.format("%08x %s", crc.getValue(), changes);
    }

    /** Returns a change as one word, because URL encoding leaves no space and no newline. */
    private static String change(Object... fields) {
        Stream<String> texts = Stream.of(fields).map(field -> Objects.toString(field, ""));
        return URLEncoder.encode(texts.collect(Collectors.joining("\n")), UTF_8);
    }

    /** Applies a change, either a new one or one read from the file. No other method applies changes. */
    private void apply(String change) {
        // At most 6 fields: the last field of a message is its body, which may contain a newline.
        String[] fields = URLDecoder.decode(change, UTF_8).split("\n", 6);
        switch (fields[0]) {
            case "origin" -> origin = trimmed = MessageId.parse(fields[1]);
            case "message" -> {
                MessageId id = MessageId.parse(fields[1]);
                Nick nick = fields[4].isEmpty() ? null : new Nick(fields[4]);
                log.put(id, new Message(Message.Type.valueOf(fields[2]), id, new Room(fields[3]), nick, fields[5]));
            }
            case "key" -> {
                Key key = new Key(new Room(fields[1]), fields[2]);
                keys.put(key, new KnownKey(MessageId.parse(fields[3]), UUID.fromString(fields[4])));
            }
            case "present" -> {
                Participant participant = new Participant(new Room(fields[1]), new Nick(fields[2]));
                nodes.setPresent(participant, UUID.fromString(fields[3]), Boolean.parseBoolean(fields[4]));
            }
            case "trim" -> {
                Room room = new Room(fields[1]);
                MessageId through = MessageId.parse(fields[2]);
                Collection<Message> oldest = log.headMap(through, true).values();
                oldest.removeIf(message -> message.room().equals(room));
                trims.put(room, through);
                trimmed = MessageId.max(trimmed, through);
            }
            case "lease" -> nodes.setLease(UUID.fromString(fields[1]), Instant.parse(fields[2]));
            case "expired" -> nodes.setLease(UUID.fromString(fields[1]), null);
            default -> throw new IllegalStateException("change: " + fields[0] + " (expected: a known one)");
        }
    }
}
