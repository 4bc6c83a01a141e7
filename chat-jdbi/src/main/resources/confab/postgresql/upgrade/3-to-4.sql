-- Renames the tables of Confab from version 3 of its schema to version 4. Nothing else changes.
-- Run it with a search path that begins with the schema of the log. It does everything or nothing.
begin;

-- Fails with a division by zero, unless all these tables are in one schema and are a log of version 3.
select 1 / count(*) from confab_schema where id = 1 and version = 3
    and 1 = (select count(distinct relnamespace) from pg_class where oid in ('confab_schema'::regclass,
        'log_head'::regclass, 'entry'::regclass, 'room_trim'::regclass, 'publish_key'::regclass,
        'node_lease'::regclass, 'node_participant'::regclass));

alter table log_head rename to confab_log_head;
alter table entry rename to confab_message;
alter table room_trim rename to confab_room_trim;
alter table publish_key rename to confab_publish_key;
alter table node_lease rename to confab_node_lease;
alter table node_participant rename to confab_node_participant;
alter index log_head_pkey rename to confab_log_head_pkey;
alter index entry_pkey rename to confab_message_pkey;
alter index entry_room rename to confab_message_room;
alter index room_trim_pkey rename to confab_room_trim_pkey;
alter index room_trim_through rename to confab_room_trim_through;
alter index publish_key_pkey rename to confab_publish_key_pkey;
alter index publish_key_id rename to confab_publish_key_id;
alter index node_lease_pkey rename to confab_node_lease_pkey;
alter index node_participant_pkey rename to confab_node_participant_pkey;
alter index node_participant_node rename to confab_node_participant_node;
alter table confab_log_head rename constraint log_head_id_check to confab_log_head_id_check;
update confab_schema set version = 4 where id = 1;

commit;
