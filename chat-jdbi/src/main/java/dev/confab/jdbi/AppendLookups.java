package dev.confab.jdbi;

import dev.confab.core.AppendPlan;
import dev.confab.core.Draft;
import dev.confab.core.Message;
import dev.confab.core.MessageId;
import dev.confab.core.Nick;
import dev.confab.core.Participant;
import dev.confab.core.Room;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Looks up the stored keys and participants of a batch, with one statement for each table. */
final class AppendLookups {
    private AppendLookups() {}

    /** Returns those of the drafts' keys that are stored, including expired ones. */
    static Map<AppendPlan.Key, AppendPlan.KnownKey> keys(Handle handle, List<Draft> drafts) {
        List<String> rooms = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (Draft draft : drafts) {
            if (draft.key() != null) {
                rooms.add(draft.room().name());
                keys.add(draft.key());
            }
        }
        String sql = """
                select k.room, k.draft_key, k.id, k.digest from unnest(:rooms, :names) as d (room, draft_key)
                join <publish_key> k on k.room = d.room and k.draft_key = d.draft_key
                """;
        return look(handle, sql, rooms, keys, (row, found) -> {
            AppendPlan.Key name = new AppendPlan.Key(new Room(row.getString("room")), row.getString("draft_key"));
            found.put(name, new AppendPlan.KnownKey(id(row, "id"), row.getObject("digest", UUID.class)));
        });
    }

    /** Returns the nodes on which the joining and leaving participants of the drafts are present. */
    static AppendPlan.PresentNodes present(Handle handle, UUID node, List<Draft> drafts) {
        List<String> rooms = new ArrayList<>();
        List<String> nicks = new ArrayList<>();
        for (Draft draft : drafts) {
            if (draft.type() != Message.Type.MESSAGE) {
                rooms.add(draft.room().name());
                nicks.add(Participant.of(draft).nick().name());
            }
        }
        String sql = """
                select p.room, p.nick, p.node from unnest(:rooms, :names) as d (room, nick)
                join <node_participant> p on p.room = d.room and p.nick = d.nick
                """;
        Map<Participant, Set<UUID>> nodes = look(handle, sql, rooms, nicks, (row, found) -> {
            Participant participant = new Participant(new Room(row.getString("room")), new Nick(row.getString("nick")));
            found.computeIfAbsent(participant, p -> new HashSet<>()).add(row.getObject("node", UUID.class));
        });
        return new AppendPlan.PresentNodes(node, !rooms.isEmpty() && NodeLeases.isLeased(handle, node), nodes);
    }

    private static <K, V> Map<K, V> look(
            Handle handle, String sql, List<String> rooms, List<String> names, Collect<K, V> collect) {
        Map<K, V> found = new HashMap<>();
        if (!rooms.isEmpty()) {
            handle.createQuery(sql)
                    .bindArray("rooms", String.class, rooms)
                    .bindArray("names", String.class, names)
                    .map((row, context) -> {
                        collect.add(row, found);
                        return true;
                    })
                    .list();
        }
        return found;
    }

    private static MessageId id(ResultSet row, String column) throws SQLException {
        return MessageRow.idOr(row, column, MessageId.MIN);
    }

    private interface Collect<K, V> {
        void add(ResultSet row, Map<K, V> found) throws SQLException;
    }
}
