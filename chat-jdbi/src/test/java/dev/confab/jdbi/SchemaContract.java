package dev.confab.jdbi;

import static dev.confab.core.StoreCalls.A;
import static dev.confab.core.StoreCalls.NODE;
import static dev.confab.core.StoreCalls.all;
import static dev.confab.core.StoreCalls.bodies;
import static dev.confab.core.StoreCalls.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.confab.core.MessageStore;
import dev.confab.core.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests Confab's tables in a database that also contains an application's tables. */
@Timeout(120)
abstract class SchemaContract {
    private static final String OWN_PARTICIPANT =
            "create table participant (id int primary key, room varchar(40), nick varchar(40), email varchar(80));"
                    + " create index participant_email on participant (email);"
                    + " insert into participant values (1, 'a', 'eve', 'eve@example.org'), (2, 'a', null, null)";

    private static final JdbiStoreConfig VALIDATE = JdbiStoreConfig.defaults().withSchemaMode(SchemaMode.VALIDATE);

    final SchemaDatabase database;

    SchemaContract(SchemaDatabase database) {
        this.database = database;
    }

    @AfterEach
    void close() {
        database.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "table confab_message | create table confab_message (id uuid, room varchar(40));"
                        + " insert into confab_message values ('0197a000-0000-7000-8000-000000000002', 'a')",
                "table confab_message | create table confab_message (id int primary key, title varchar(40));"
                        + " insert into confab_message values (1, 'x')",
                "table confab_message | create table confab_message (id uuid primary key, room varchar not null, type varchar not null,"
                        + " nick varchar, body varchar not null);"
                        + " insert into confab_message values ('0197a000-0000-7000-8000-000000000002', 'a', 'b', null, 'c')",
                "table confab_message, index confab_message_room | create table confab_message (id uuid primary key, room varchar not null);"
                        + " create unique index confab_message_room on confab_message (room, id)",
                "table confab_log_head | create table confab_log_head (id int primary key check (id = 1), origin uuid not null)",
                "table confab_log_head | create table confab_log_head (branch varchar(40)); insert into confab_log_head values ('main')",
                "view confab_message | create table post (id int); create view confab_message as select id from post",
                "index confab_message_room | create table post (id int); create index confab_message_room on post (id)",
                "table confab_outbox | create table confab_outbox (seq int)",
                "constraint confab_message_pkey | create table post (id int not null,"
                        + " constraint confab_message_pkey primary key (id))",
                "table confab_node_lease | create table confab_node_lease (node uuid primary key, expires_at bigint not null,"
                        + " expired boolean not null)",
                "table confab_schema | create table confab_schema (id int primary key, version varchar(9) not null)",
                "table confab_schema | create table confab_schema (id int primary key, version int not null);"
                        + " insert into confab_schema values (7, 3)",
                "view confab_schema | create table post (id int not null, version int not null);"
                        + " create view confab_schema as select id, version from post",
            })
    void tableOfAnApplicationIsRefusedByNameAndNothingIsChanged(String name, String sql) throws SQLException {
        database.execute(sql);
        List<String> before = database.dump();
        for (int i = 0; i < 2; i++) {
            database.assertRefused(
                    (name.contains(",") ? "%s: exist in schema %s but are" : "%s: exists in schema %s but is")
                                    .formatted(name, database.schema())
                            + " not Confab's (expected: a schema without "
                            + (name.contains(",") ? "them; rename them" : "it; rename it")
                            + ", or give Confab a schema or a table prefix of its own)");
            assertThat(database.dump()).isEqualTo(before);
        }
    }

    @Test
    void allConflictingTablesAreNamed() throws SQLException {
        database.execute(OWN_PARTICIPANT);
        database.execute(
                "create table confab_message (id int primary key, title varchar(40)); insert into confab_message values (1, 'x')");
        database.execute(
                "create table message (id int primary key, body varchar(40)); insert into message values (1, 'x')");
        database.execute("create table confab_log_head (id int); insert into confab_log_head values (4), (4)");
        database.execute("create table schema_version (version int); insert into schema_version values (12)");
        List<String> before = database.dump();
        database.assertRefused(
                "table confab_log_head, table confab_message: exist in schema " + database.schema()
                        + " but are not Confab's"
                        + " (expected: a schema without them; rename them, or give Confab a schema or a table prefix of its own)");
        assertThat(database.dump()).isEqualTo(before);
    }

    /** Confab's own tables had these names in earlier releases. */
    @Test
    void tablesOfAnApplicationWithFormerNamesStayAsTheyAre() throws SQLException {
        database.execute(ApplicationTables.SQL);
        List<String> before = database.dump(ApplicationTables.NAMES);
        for (int i = 1; i <= 2; i++) {
            MessageStore store = JdbiMessageStore.open(database.pool);
            publish(store, A, "hello");
            assertThat(all(store, A)).hasSize(i);
        }
        database.execute("drop table confab_message");
        database.assertRefused(
                "table confab_message: missing (expected: Confab's own, as confab_schema says that it was"
                        + " created; restore it from a backup, or create it by the statement in the file "
                        + database.createFile() + " of chat-jdbi)");
        assertThat(database.dump(ApplicationTables.NAMES)).isEqualTo(before);
    }

    @Test
    void everyNameOfTheLogHasThePrefix() throws SQLException {
        JdbiMessageStore.open(database.pool, JdbiStoreConfig.defaults().withTablePrefix("chat_"));
        assertThat(database.names()).hasSizeGreaterThan(12).allMatch(name -> name.startsWith("chat_"));
        JdbiMessageStore.open(database.pool);
        assertThat(database.names()).allMatch(name -> name.startsWith("chat_") || name.startsWith("confab_"));
    }

    @Test
    void namesOfAMigratedLogHaveThePrefix() throws SQLException {
        database.old(3);
        JdbiMessageStore.open(database.pool);
        assertThat(database.names()).hasSizeGreaterThan(12).allMatch(name -> name.startsWith("confab_"));
    }

    @Test
    void logsOfDifferentPrefixesAreIndependent() {
        JdbiMessageStore one = JdbiMessageStore.open(database.pool);
        JdbiMessageStore two =
                JdbiMessageStore.open(database.pool, JdbiStoreConfig.defaults().withTablePrefix("two_"));
        publish(one, A, "one");
        publish(two, A, "two");
        assertThat(bodies(all(one, A))).containsExactly("one");
        assertThat(bodies(all(two, A))).containsExactly("two");
    }

    @Test
    void schemaThatDoesNotExistIsRefused() throws SQLException {
        List<String> before = database.dump();
        JdbiStoreConfig config = JdbiStoreConfig.defaults().withSchema("nowhere");
        assertThatThrownBy(() -> JdbiMessageStore.open(database.pool, config))
                .isInstanceOf(StoreException.class)
                .hasMessage("schema: nowhere (expected: a schema that exists)");
        assertThat(database.dump()).isEqualTo(before);
    }

    @Test
    void validationOfAnEmptySchemaNamesTheFileThatCreatesTheTables() throws SQLException {
        List<String> before = database.dump();
        assertRefusedByValidation("table confab_schema: missing in schema " + database.schema()
                + " (expected: version 4 of Confab's tables; apply the file " + database.createFile()
                + " of chat-jdbi)");
        assertThat(database.dump()).isEqualTo(before);
        database.execute(resource(database.createFile()));
        MessageStore store = JdbiMessageStore.open(database.pool, VALIDATE);
        publish(store, A, "hello");
        assertThat(all(JdbiMessageStore.open(database.pool, VALIDATE), A)).hasSize(1);
        database.assertIsAsNew();
    }

    @Test
    void validationOfAnOlderSchemaNamesTheFileThatRenamesTheTables() throws SQLException {
        database.old(3);
        List<String> before = database.dump();
        assertRefusedByValidation("schema: version 3 (expected: 4; apply the file " + database.upgradeFile()
                + " of chat-jdbi in schema " + database.schema()
                + ", or open the log once in schema mode CREATE, which migrates it)");
        assertThat(database.dump()).isEqualTo(before);
        database.execute(resource(database.upgradeFile()));
        assertThat(bodies(all(JdbiMessageStore.open(database.pool, VALIDATE), A)))
                .containsExactly("kept");
        database.assertIsAsNew();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void validationOfAVeryOldSchemaNamesTheModeThatMigratesIt(int version) throws SQLException {
        database.old(version);
        List<String> before = database.dump();
        assertRefusedByValidation("schema: version " + version
                + " (expected: 4; open the log once in schema mode CREATE, which migrates it)");
        assertThat(database.dump()).isEqualTo(before);
    }

    @Test
    void validationNamesAMissingTable() throws SQLException {
        JdbiMessageStore.open(database.pool).close();
        database.execute("drop table confab_outbox");
        assertRefusedByValidation(
                "table confab_outbox: missing (expected: Confab's own, as confab_schema says that it was"
                        + " created; restore it from a backup, or create it by the statement in the file "
                        + database.createFile() + " of chat-jdbi)");
    }

    @Test
    void validationNamesAnUnfinishedInstallation() throws SQLException {
        database.execute("create table confab_schema (id int not null, version int not null, primary key (id));"
                + " insert into confab_schema values (1, 0)");
        assertRefusedByValidation(
                "schema: " + database.schema() + " has an unfinished installation (expected: version 4"
                        + " of Confab's tables; open the log once in schema mode CREATE, which finishes it)");
    }

    @Test
    void modeNoneChecksNoTable() throws SQLException {
        JdbiStoreConfig none = JdbiStoreConfig.defaults().withSchemaMode(SchemaMode.NONE);
        assertThatThrownBy(() -> JdbiMessageStore.open(database.pool, none)).isInstanceOf(StoreException.class);
        assertThat(database.names()).isEmpty();
        database.execute(resource(database.createFile()));
        database.execute("update confab_schema set version = 1000");
        MessageStore store = JdbiMessageStore.open(database.pool, none);
        publish(store, A, "hello");
        assertThat(all(store, A)).hasSize(1);
    }

    private void assertRefusedByValidation(String message) {
        assertThatThrownBy(() -> JdbiMessageStore.open(database.pool, VALIDATE))
                .isInstanceOf(StoreException.class)
                .hasMessage(message);
    }

    private static String resource(String name) {
        try (InputStream in = SchemaContract.class.getResourceAsStream("/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                OWN_PARTICIPANT,
                "create table participant (id int)",
                "create table participant (room varchar not null, nick varchar not null, joined uuid not null,"
                        + " primary key (room, nick));"
                        + " insert into participant values ('a', 'ann', '0197a000-0000-7000-8000-000000000002')",
                "create table post (nick varchar(9)); create view participant as select nick from post"
            })
    void confabWorksBesideTablesOfOtherNames(String participant) throws SQLException {
        database.execute(participant);
        database.execute("create table message (id int primary key, room varchar(40));"
                + " create index message_room on message (room);"
                + " insert into message values (1, 'a')");
        database.execute("create table schema_version (id int primary key, version int not null);"
                + " insert into schema_version values (1, 1)");
        String[] tables = {"message", "schema_version", participant.contains("post") ? "post" : "participant"};
        List<String> before = database.dump(tables);
        assertThat(before).as("tables, indexes and rows").hasSizeGreaterThan(4);
        for (int i = 1; i <= 2; i++) {
            MessageStore store = JdbiMessageStore.open(database.pool);
            publish(store, A, "hello");
            assertThat(all(store, A)).hasSize(i);
            assertThat(store.participants(A)).isEmpty();
            assertThat(database.dump(tables)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void logOfAnEarlierReleaseIsMigrated(int version) throws SQLException {
        database.old(version);
        MessageStore store = JdbiMessageStore.open(database.pool);
        assertThat(bodies(all(store, A))).containsExactly("kept");
        publish(store, A, "new");
        assertThat(bodies(all(store, A))).containsExactly("kept", "new");
        database.assertIsAsNew();
    }

    @Test
    void participantsFromBeforeThereWereNodesLeave() throws SQLException {
        database.old(1);
        database.execute("insert into participant values ('a', 'ann', '0197a000-0000-7000-8000-000000000002'),"
                + " ('a', 'bob', '0197a000-0000-7000-8000-000000000002')");
        MessageStore store = JdbiMessageStore.open(database.pool);
        assertThat(store.participants(A)).hasSize(2);
        store.beginLease(NODE, Duration.ofSeconds(15));
        assertThat(store.expireNodes(NODE, false)).isNotNull();
        assertThat(store.participants(A)).isEmpty();
        database.assertIsAsNew();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void participantTableOfAnApplicationIsKeptAtVersionsWithoutOne(int version) throws SQLException {
        database.old(version);
        database.execute(OWN_PARTICIPANT);
        List<String> before = database.dump("participant");
        assertThat(bodies(all(JdbiMessageStore.open(database.pool), A))).containsExactly("kept");
        assertThat(database.dump("participant")).isEqualTo(before);
    }

    @Test
    void participantTableOfAnApplicationInPlaceOfOursIsRefused() throws SQLException {
        database.old(1);
        database.execute("drop table participant");
        database.execute(OWN_PARTICIPANT);
        List<String> before = database.dump();
        database.assertRefused(
                "table participant: column room character varying(40) (expected: room character varying not null;"
                        + " another table took the place of Confab's, or somebody changed it: restore it)");
        assertThat(database.dump()).isEqualTo(before);
    }

    /** An application may create a table with a former name between the stop and the next start. */
    @ParameterizedTest
    @CsvSource({"0, 16, 16", "1, 19, 24", "2, 14, 21", "3, 12, 19"})
    void startThatStopsAtAnyStatementIsFinishedByTheNextStart(int version, int h2, int postgres) throws SQLException {
        int stops = 0;
        boolean stopped = true;
        while (stopped) {
            SchemaDatabase copy = database.another();
            stopped = stopsAndFinishes(copy, version, stops++);
            copy.close();
        }
        // The last start is not stopped.
        assertThat(stops).isEqualTo(1 + (database instanceof H2SchemaDatabase ? h2 : postgres));
    }

    private static boolean stopsAndFinishes(SchemaDatabase database, int version, int statements) throws SQLException {
        if (version > 0) {
            database.old(version);
        }
        if (version == 1) {
            database.execute("insert into participant values ('a', 'ann', '0197a000-0000-7000-8000-000000000002')");
        }
        boolean stopped = false;
        try {
            JdbiMessageStore.open(StoppingDataSource.after(statements, database.pool));
        } catch (StoreException e) {
            stopped = true;
        }
        boolean moved = version == 1 && database.dump("participant").isEmpty();
        if (moved) {
            database.execute(OWN_PARTICIPANT);
        }
        List<String> before = moved ? database.dump("participant") : List.of();
        boolean renamed = version > 0 && database.dump("entry").isEmpty();
        if (renamed) {
            database.execute("create table entry (id int primary key, title varchar(40));"
                    + " insert into entry values (1, 'x')");
        }
        List<String> entry = database.dump("entry");
        MessageStore store = JdbiMessageStore.open(database.pool);
        assertThat(store.participants(A)).hasSize(version == 1 ? 1 : 0);
        assertThat(database.dump("participant")).isEqualTo(before);
        if (moved) {
            database.execute("drop table participant");
        }
        if (renamed) {
            assertThat(database.dump("entry")).isEqualTo(entry);
            database.execute("drop table entry");
        }
        publish(store, A, "new");
        assertThat(bodies(all(store, A))).endsWith("new").hasSize(version > 0 ? 2 : 1);
        database.assertIsAsNew();
        return stopped;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "drop table confab_message; create table confab_message (id int not null, title varchar(40))"
                        + " | column id integer not null (expected: id uuid not null",
                "drop table confab_message; create table confab_message (id uuid not null, room varchar(40) not null)"
                        + " | column room character varying(40) not null (expected: room character varying not null",
                "alter table confab_message drop column body | no column body (expected: body character varying not null",
                "alter table confab_message alter column body drop not null"
                        + " | column body character varying (expected: body character varying not null",
                "alter table confab_message add column owner int default 1 not null;"
                        + " alter table confab_message alter column owner drop default"
                        + " | column owner integer not null (expected: no such column",
            })
    void unexpectedColumnsAreRefusedByName(String change, String difference) throws SQLException {
        JdbiMessageStore.open(database.pool).close();
        database.execute(change);
        List<String> before = database.dump();
        database.assertRefused("table confab_message: " + difference
                + "; another table took the place of Confab's, or somebody changed it: restore it)");
        assertThat(database.dump()).isEqualTo(before);
    }

    @Test
    void harmlessColumnsAreAccepted() throws SQLException {
        JdbiMessageStore.open(database.pool).close();
        database.execute("alter table confab_message add column note varchar(40)");
        database.execute("alter table confab_message add column seen int default 0 not null");
        database.execute("alter table confab_outbox alter column nick set data type varchar(200)");
        MessageStore store = JdbiMessageStore.open(database.pool);
        publish(store, A, "hello");
        assertThat(all(store, A)).hasSize(1);
    }

    @Test
    void missingTableIsRefusedByName() throws SQLException {
        JdbiMessageStore.open(database.pool).close();
        database.execute("drop table confab_publish_key");
        List<String> before = database.dump();
        database.assertRefused(
                "table confab_publish_key: missing (expected: Confab's own, as confab_schema says that it was created; restore"
                        + " it from a backup, or create it by the statement in the file " + database.createFile()
                        + " of chat-jdbi)");
        database.execute(
                "create table post (room varchar(9)); create view confab_publish_key as select room from post");
        database.assertRefused("table confab_publish_key: a view (expected: Confab's own table; restore it)");
        database.execute("drop view confab_publish_key; drop table post");
        assertThat(database.dump()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({"1000, at most 4; the database is of a newer program", "-1, 0 to 4"})
    void otherVersionsAreRefused(int version, String expected) throws SQLException {
        JdbiMessageStore.open(database.pool).close();
        database.execute("update confab_schema set version = " + version);
        List<String> before = database.dump();
        database.assertRefused("schema: version " + version + " (expected: " + expected + ")");
        assertThat(database.dump()).isEqualTo(before);
    }
}
