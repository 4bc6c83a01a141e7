package dev.confab.example;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.confab.core.AppendPlan;
import dev.confab.core.Draft;
import dev.confab.core.Limit;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.MessageStore;
import dev.confab.core.Nick;
import dev.confab.core.Participant;
import dev.confab.core.Retention;
import dev.confab.core.Room;
import dev.confab.core.RoomSet;
import dev.confab.core.StoreException;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.*;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * A store in one file, for one process. This example uses only the public API.
 *
 * <p>The log is kept in memory. Each transaction is one line of the file: a CRC32 and the changes. The line is synced
 * before its changes take effect. Opening the file applies all lines before the first torn line. The file never shrinks
 * while the store is open. Thread-safe.
 */
final class FileMessageStore implements MessageStore {
    private final InstantSource clock;
    private final FileChannel file;
    private final NavigableMap<MessageId, Message> log = new TreeMap<>();
    private final Map<Room, MessageId> trims = new HashMap<>();
    private final Map<AppendPlan.Key, AppendPlan.KnownKey> keys = new HashMap<>();
    private final Map<Participant, Set<UUID>> participants = new HashMap<>();
    private final Map<UUID, Instant> leases = new HashMap<>();
    private MessageId origin = MessageId.MIN;
    private MessageId last = MessageId.MIN;
    private MessageId trimmed = MessageId.MIN;

    FileMessageStore(Path path, InstantSource clock) {
        this.clock = clock;
        try {
            file = FileChannel.open(path, CREATE, READ, WRITE);
            String text = Files.readString(path);
            int end = 0;
            for (int newline = text.indexOf('\n'); newline >= 0 && isWhole(text, end, newline); ) {
                Stream.of(text.substring(end + 9, newline).split(" "))
                        .map(FileMessageStore::decode)
                        .forEach(this::apply);
                end = newline + 1;
                newline = text.indexOf('\n', end);
            }
            file.truncate(end).position(end);
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "file: " + path, e);
        }
        if (origin.equals(MessageId.MIN)) {
            commit(List.<String[]>of(change("origin", MessageId.originOf(clock.instant()))));
        }
    }

    @Override
    public synchronized MessageId lastId() {
        checkOpen();
        return last;
    }

    @Override
    public synchronized Appended append(UUID node, List<Draft> drafts) {
        checkOpen();
        return append(node, drafts, List.of());
    }

    private Appended append(UUID node, List<Draft> drafts, List<String[]> first) {
        List<String[]> changes = new ArrayList<>(first);
        AppendPlan.PresentNodes present = new AppendPlan.PresentNodes(node, leases.containsKey(node), participants);
        AppendPlan plan = AppendPlan.of(last, clock.instant(), drafts, keys, present);
        plan.messages().forEach(message -> changes.add(change(message)));
        plan.keys().forEach((key, known) -> changes.add(change(key, known)));
        plan.participants().forEach((who, here) -> changes.add(change(here ? "here" : "gone", who, node)));
        commit(changes);
        return plan.appended();
    }

    @Override
    public synchronized void beginLease(UUID node, Duration length) {
        checkOpen();
        commit(List.<String[]>of(change("lease", node, clock.instant().plus(length))));
    }

    @Override
    public synchronized boolean renewLease(UUID node, Duration length) {
        checkOpen();
        boolean has = leases.containsKey(node);
        if (has) {
            beginLease(node, length);
        }
        return has;
    }

    @Override
    public synchronized boolean hasOtherNodes(UUID node) {
        Instant now = clock.instant();
        return leases.entrySet().stream()
                .anyMatch(lease ->
                        !lease.getKey().equals(node) && lease.getValue().isAfter(now));
    }

    @Override
    public synchronized Appended expireNodes(UUID node, boolean alone) {
        checkOpen();
        Instant now = clock.instant();
        Instant longest = now.plus(MAX_LEASE);
        leases.replaceAll((other, end) -> end.isAfter(longest) ? longest : end);
        for (UUID other : leases.keySet()) {
            if (!other.equals(node) && (alone || !leases.get(other).isAfter(now))) {
                List<Draft> leaves = participants.keySet().stream()
                        .filter(who -> participants.get(who).contains(other))
                        .map(who -> Draft.leave(who.room(), who.nick()))
                        .toList();
                return append(other, leaves, List.<String[]>of(change("expired", other)));
            }
        }
        return null;
    }

    @Override
    public synchronized Page readAfter(RoomSet rooms, MessageId after, MessageId through, Limit limit) {
        checkOpen();
        Page.Builder page = new Page.Builder(limit);
        boolean complete = through.compareTo(after) <= 0
                || collect(rooms, log.subMap(after, false, through, true).values(), page);
        return new Page(trimmedThrough(rooms), page.messages(), complete);
    }

    @Override
    public synchronized List<Message> readBefore(RoomSet rooms, MessageId before, Limit limit) {
        checkOpen();
        Page.Builder page = new Page.Builder(limit);
        collect(rooms, log.headMap(before, false).descendingMap().values(), page);
        Collections.reverse(page.messages());
        return page.messages();
    }

    @Override
    public synchronized List<Message> readLog(MessageId after, Limit limit) {
        checkOpen();
        Page.Builder page = new Page.Builder(limit);
        Iterator<Message> next = log.tailMap(after, false).values().iterator();
        while (next.hasNext() && page.add(next.next())) {}
        return page.messages();
    }

    /** Returns whether all messages of the rooms fitted on the page. */
    private static boolean collect(RoomSet rooms, Collection<Message> messages, Page.Builder page) {
        return messages.stream()
                .filter(message -> rooms.rooms().contains(message.room()))
                .allMatch(page::add);
    }

    @Override
    public synchronized MessageId startOfLast(RoomSet rooms, int count) {
        checkOpen();
        MessageId mark = trimmedThrough(rooms);
        return log.descendingMap().values().stream()
                .filter(message -> rooms.rooms().contains(message.room()))
                .skip(count)
                .findFirst()
                .map(message -> MessageId.max(message.id(), mark))
                .orElse(mark);
    }

    @Override
    public synchronized MessageId floor(MessageId cursor) {
        checkOpen();
        if (origin.isAfter(cursor)) {
            return cursor.equals(MessageId.MIN) ? cursor : origin;
        }
        MessageId below = log.floorKey(cursor);
        return !cursor.isAfter(trimmed) ? cursor : below == null ? trimmed : MessageId.max(trimmed, below);
    }

    @Override
    public synchronized MessageId trimmedThrough(RoomSet rooms) {
        checkOpen();
        return rooms.rooms().stream()
                .map(room -> trims.getOrDefault(room, origin))
                .reduce(origin, MessageId::max);
    }

    @Override
    public synchronized Map<Room, MessageId> trimmedAfter(MessageId after) {
        checkOpen();
        Map<Room, MessageId> marks = new HashMap<>(trims);
        marks.values().removeIf(mark -> !mark.isAfter(after));
        return marks;
    }

    @Override
    public synchronized List<Participant> participants(Room room) {
        checkOpen();
        return participants.keySet().stream()
                .filter(participant -> participant.room().equals(room))
                .sorted(Comparator.comparing(participant -> participant.nick().name()))
                .limit(MAX_PARTICIPANTS_SHOWN)
                .toList();
    }

    @Override
    public synchronized Map<Room, MessageId> trim(Retention retention) {
        checkOpen();
        Instant now = clock.instant();
        MessageId cutoff = retention.maxAge() == null ? MessageId.MIN : MessageId.floorOfAge(now, retention.maxAge());
        Map<Room, MessageId> removed = new HashMap<>();
        Map<Room, Integer> newer = new HashMap<>();
        for (Message message : log.descendingMap().values()) {
            int position = newer.merge(message.room(), 1, Integer::sum);
            boolean tooMany = retention.maxEntries() != null && position > retention.maxEntries();
            if (tooMany || cutoff.isAfter(message.id())) {
                removed.putIfAbsent(message.room(), message.id());
            }
        }
        commit(removed.entrySet().stream()
                .map(mark -> change("trim", mark.getKey(), mark.getValue()))
                .toList());
        MessageId oldestKey = MessageId.floorOfAge(now, KEY_LIFETIME);
        keys.values().removeIf(key -> oldestKey.isAfter(key.id()));
        return removed;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "file: cannot be closed", e);
        }
    }

    private void checkOpen() {
        if (!file.isOpen()) {
            throw new StoreException(StoreException.Kind.UNAVAILABLE, "store: closed (expected: open)", null);
        }
    }

    /** Syncs a transaction, then applies it. A failed write closes the store and leaves the outcome unknown. */
    private void commit(List<String[]> changes) {
        if (changes.isEmpty()) {
            return;
        }
        String text = changes.stream().map(FileMessageStore::encode).collect(Collectors.joining(" "));
        ByteBuffer line = ByteBuffer.wrap((crc(text) + " " + text + "\n").getBytes(UTF_8));
        try {
            while (line.hasRemaining()) {
                file.write(line);
            }
            file.force(false);
        } catch (IOException e) {
            close();
            throw new StoreException(StoreException.Kind.OUTCOME_UNKNOWN, "file: a write failed", e);
        }
        changes.forEach(this::apply);
    }

    private static boolean isWhole(String text, int start, int end) {
        return end - start > 9 && text.substring(start, start + 8).equals(crc(text.substring(start + 9, end)));
    }

    private static String crc(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(UTF_8));
        return String.format("%08x", crc.getValue());
    }

    /** URL encoding leaves no space, comma or newline in a field. */
    private static String encode(String[] change) {
        return Stream.of(change).map(field -> URLEncoder.encode(field, UTF_8)).collect(Collectors.joining(","));
    }

    private static String[] decode(String change) {
        return Stream.of(change.split(",", -1))
                .map(field -> URLDecoder.decode(field, UTF_8))
                .toArray(String[]::new);
    }

    private static String[] change(Message message) {
        Object nick = message.nick() == null ? "" : message.nick();
        return change("message", message.id(), message.type(), message.room(), nick, message.body());
    }

    private static String[] change(AppendPlan.Key key, AppendPlan.KnownKey known) {
        return change("key", key.room(), key.text(), known.id(), known.digest());
    }

    private static String[] change(String kind, Participant who, UUID node) {
        return change(kind, who.room(), who.nick(), node);
    }

    private static String[] change(Object... fields) {
        return Stream.of(fields)
                .map(field ->
                        field instanceof Room room ? room.name() : field instanceof Nick nick ? nick.name() : field)
                .map(Object::toString)
                .toArray(String[]::new);
    }

    /** Applies a change, either a new one or one read from the file. No other method applies changes. */
    private void apply(String[] change) {
        switch (change[0]) {
            case "origin" -> origin = last = trimmed = MessageId.parse(change[1]);
            case "message" -> {
                last = MessageId.parse(change[1]);
                Nick nick = change[4].isEmpty() ? null : new Nick(change[4]);
                Message.Type type = Message.Type.valueOf(change[2]);
                log.put(last, new Message(type, last, new Room(change[3]), nick, change[5]));
            }
            case "trim" -> {
                Room room = new Room(change[1]);
                MessageId through = MessageId.parse(change[2]);
                log.headMap(through, true)
                        .values()
                        .removeIf(message -> message.room().equals(room));
                trims.put(room, through);
                trimmed = MessageId.max(trimmed, through);
            }
            case "key" -> {
                AppendPlan.Key key = new AppendPlan.Key(new Room(change[1]), change[2]);
                keys.put(key, new AppendPlan.KnownKey(MessageId.parse(change[3]), UUID.fromString(change[4])));
            }
            case "lease" -> leases.put(UUID.fromString(change[1]), Instant.parse(change[2]));
            case "expired" -> leases.remove(UUID.fromString(change[1]));
            case "here" -> nodes(change).add(UUID.fromString(change[3]));
            case "gone" -> {
                nodes(change).remove(UUID.fromString(change[3]));
                participants.values().removeIf(Set::isEmpty);
            }
            default ->
                throw new IllegalStateException("change: " + change[0] + " (expected: one that this class writes)");
        }
    }

    private Set<UUID> nodes(String[] change) {
        return participants.computeIfAbsent(
                new Participant(new Room(change[1]), new Nick(change[2])), who -> new HashSet<>());
    }
}
