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

/** Writes the plan of a batch, with one JDBC batch for each table. */
final class BatchWriter {
    private BatchWriter() {}

    static void write(Handle handle, UUID node, AppendPlan plan) {
        if (!plan.messages().isEmpty()) {
            writeMessages(handle, plan.messages());
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

    private static void writeMessages(Handle handle, Iterable<Message> messages) {
        try (PreparedBatch batch =
                handle.prepareBatch("insert into <message> (id, room, type, nick, body) values (?, ?, ?, ?, ?)")) {
            for (Message message : messages) {
                Nick nick = message.nick();
                batch.bind(0, message.id().toUuid())
                        .bind(1, message.room().name())
                        .bind(2, MessageRow.nameOf(message.type()))
                        .bind(3, nick == null ? null : nick.name())
                        .bind(4, message.body())
                        .add();
            }
            batch.execute();
        }
    }

    private static void writeKeys(Handle handle, Map<AppendPlan.Key, AppendPlan.KnownKey> keys) {
        try (PreparedBatch batch =
                handle.prepareBatch("insert into <publish_key> (room, draft_key, id, digest) values (?, ?, ?, ?)")) {
            keys.forEach((name, key) -> batch.bind(0, name.room().name())
                    .bind(1, name.text())
                    .bind(2, key.id().toUuid())
                    .bind(3, key.digest())
                    .add());
            batch.execute();
        }
    }

    private static void deleteKeys(Handle handle, Set<AppendPlan.Key> names) {
        try (PreparedBatch batch = handle.prepareBatch("delete from <publish_key> where room = ? and draft_key = ?")) {
            names.forEach(name ->
                    batch.bind(0, name.room().name()).bind(1, name.text()).add());
            batch.execute();
        }
    }

    private static void writeParticipants(Handle handle, UUID node, Map<Participant, Boolean> participants) {
        try (PreparedBatch delete =
                        handle.prepareBatch("delete from <node_participant> where room = ? and nick = ? and node = ?");
                PreparedBatch insert =
                        handle.prepareBatch("insert into <node_participant> (room, nick, node) values (?, ?, ?)")) {
            participants.forEach((participant, here) -> {
                String room = participant.room().name();
                String nick = participant.nick().name();
                // Delete also before an insert: a participant that left and joined again in one batch is still stored.
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
