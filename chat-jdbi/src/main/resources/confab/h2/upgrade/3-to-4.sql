-- Renames the tables of Confab from version 3 of its schema to version 4. Nothing else changes.
-- Run it with the schema of the log as the current schema. If it stops halfway, a start in the mode CREATE finishes it.

-- Fails with a division by zero, unless the log has version 3.
select 1 / count(*) from confab_schema where id = 1 and version = 3;

alter table log_head rename to confab_log_head;
alter table entry rename to confab_message;
alter table room_trim rename to confab_room_trim;
alter table publish_key rename to confab_publish_key;
alter table node_lease rename to confab_node_lease;
alter table node_participant rename to confab_node_participant;
alter index entry_room rename to confab_message_room;
alter index room_trim_through rename to confab_room_trim_through;
alter index publish_key_id rename to confab_publish_key_id;
alter index node_participant_node rename to confab_node_participant_node;
update confab_schema set version = 4 where id = 1;
