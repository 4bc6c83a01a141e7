package dev.confab.jdbi;

import dev.confab.core.AppendPlan;
import dev.confab.core.Message;
import dev.confab.core.Nick;
import dev.confab.core.Participant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** Writes what a batch comes to: one JDBC batch a table. */
final class BatchWriter {
    private BatchWriter() {}

    static void write(Handle handle, UUID node, AppendPlan plan) {
        if (!plan.messages().isEmpty()) {
            writeEntries(handle, plan.messages());
        }
        Set<AppendPlan.Key> replaced = plan.replacedKeys();
        if (!replaced.isEmpty()) {
            deleteKeys(handle, replaced);
        }
        if (!plan.keys().isEmpty()) {
            writeKeys(handle, plan.keys());
        }
        if (!plan.participants().isEmpty()) {
            writeParticipants(handle, node, plan.participants());
        }
    }

    private static void writeEntries(Handle handle, Iterable<Message> entries) {
        try (PreparedBatch batch =
                handle.prepareBatch("insert into entry (id, room, type, nick, body) values (?, ?, ?, ?, ?)")) {
            for (Message entry : entries) {
                Nick nick = entry.nick();
                batch.bind(0, entry.id().toUuid())
                        .bind(1, entry.room().name())
                        .bind(2, EntryRow.nameOf(entry.type()))
                        .bind(3, nick == null ? null : nick.name())
                        .bind(4, entry.body())
                        .add();
            }
            batch.execute();
        }
    }

    private static void writeKeys(Handle handle, Map<AppendPlan.Key, AppendPlan.KnownKey> keys) {
        try (PreparedBatch batch =
                handle.prepareBatch("insert into publish_key (room, draft_key, id, digest) values (?, ?, ?, ?)")) {
            keys.forEach((name, key) -> batch.bind(0, name.room().name())
                    .bind(1, name.text())
                    .bind(2, key.id().toUuid())
                    .bind(3, key.digest())
                    .add());
            batch.execute();
        }
    }

    private static void deleteKeys(Handle handle, Set<AppendPlan.Key> names) {
        try (PreparedBatch batch = handle.prepareBatch("delete from publish_key where room = ? and draft_key = ?")) {
            names.forEach(name ->
                    batch.bind(0, name.room().name()).bind(1, name.text()).add());
            batch.execute();
        }
    }

    private static void writeParticipants(Handle handle, UUID node, Map<Participant, Boolean> participants) {
        try (PreparedBatch delete =
                        handle.prepareBatch("delete from node_participant where room = ? and nick = ? and node = ?");
                PreparedBatch insert =
                        handle.prepareBatch("insert into node_participant (room, nick, node) values (?, ?, ?)")) {
            participants.forEach((participant, here) -> {
                String room = participant.room().name();
                String nick = participant.nick().name();
                // Also before an insert: who left and joined again in one batch is there already.
                delete.bind(0, room).bind(1, nick).bind(2, node).add();
                if (here) {
                    insert.bind(0, room).bind(1, nick).bind(2, node).add();
                }
            });
            delete.execute();
            insert.execute();
        }
    }
}
