package dev.confab.jdbi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a log under their configured names. The SQL file that creates them is their only declaration: it is
 * parsed, so that applying it by hand and opening a store give the same tables.
 */
final class Tables {
    /** The newest version of the schema. */
    static final int VERSION = 4;

    /** The first version whose names all have the prefix. */
    static final int PREFIXED = 4;

    /** The node of the participants that joined before there were leases. */
    static final UUID NO_NODE = new UUID(0, 0);

    static final String CREATE_FILE = "V4__create_confab_tables.sql";
    static final String UPGRADE_FILE = "upgrade/3-to-4.sql";

    private static final String FILE_PREFIX = "confab_";

    private static final Pattern CREATE_TABLE = Pattern.compile("create table " + FILE_PREFIX + "(\\w+) \\(");
    private static final Pattern CREATE_INDEX =
            Pattern.compile("create (index|unique index) " + FILE_PREFIX + "(\\w+) on \\w+ \\((.*)\\);");

    private static final String ANY = "true";
    private static final String NONE = "false";
    private static final String OTHER_NODE = "node <> '" + NO_NODE + "'";
    private static final Map<String, String> UNEXPECTED_ROWS = Map.of(
            "log_head", "id <> 1",
            "node_lease", OTHER_NODE,
            "node_participant", OTHER_NODE,
            // An application may enqueue before the installation is finished.
            "outbox", NONE);

    private static final Map<String, Integer> SINCE =
            Map.of("node_lease", 2, "node_participant", 2, "outbox", 3, "outbox_rejected", 3);

    /** The participants at version 1, before there were leases. */
    static final Table PARTICIPANT = new Table(
            "participant",
            1,
            List.of("room varchar not null", "nick varchar not null", "joined uuid not null"),
            List.of("primary key (room, nick)"),
            List.of(),
            ANY);

    /** {@link #PARTICIPANT} after its rows were moved; an application may have a new table of the old name by then. */
    static final Table MOVED_PARTICIPANT = PARTICIPANT.named("confab_moved_participant");

    private final JdbiStoreConfig config;
    private final SqlFile upgrade;
    private final String createFile;
    private final Table versions;
    private final List<Table> newest;

    Tables(JdbiStoreConfig config, String database) {
        this.config = config;
        this.upgrade = new SqlFile(database, UPGRADE_FILE);
        SqlFile create = new SqlFile(database, CREATE_FILE);
        this.createFile = create.name();
        List<Table> tables = parse(create, config.tablePrefix());
        this.versions = tables.get(0);
        this.newest = List.copyOf(tables.subList(1, tables.size()));
    }

    private static List<Table> parse(SqlFile file, String prefix) {
        List<Table> tables = new ArrayList<>();
        for (String statement : file.statements()) {
            List<String> lines = statement.lines().toList();
            Matcher table = CREATE_TABLE.matcher(lines.get(0));
            Matcher index = CREATE_INDEX.matcher(statement);
            if (table.matches()) {
                List<String> columns = new ArrayList<>();
                List<String> constraints = new ArrayList<>();
                for (String indented : lines.subList(1, lines.size() - 1)) {
                    String line = indented.strip().replaceAll(",$", "");
                    if (line.startsWith("constraint ")) {
                        constraints.add(line.replace("constraint " + FILE_PREFIX, "constraint " + prefix));
                    } else {
                        columns.add(line);
                    }
                }
                String name = table.group(1);
                tables.add(new Table(
                        prefix + name,
                        SINCE.getOrDefault(name, 1),
                        columns,
                        constraints,
                        new ArrayList<>(),
                        UNEXPECTED_ROWS.getOrDefault(name, ANY)));
            } else if (index.matches()) {
                tables.get(tables.size() - 1)
                        .indexes()
                        .add(new Table.Index(prefix + index.group(2), index.group(1), index.group(3)));
            }
        }
        return tables;
    }

    /** The table with one row that holds the version: 0 from before the first table is created until all are there. */
    Table versions() {
        return versions;
    }

    /** All tables of the newest version but {@link #versions()}, in the order in which they are created. */
    List<Table> newest() {
        return newest;
    }

    /** The resource that creates all tables. */
    String createFile() {
        return createFile;
    }

    /** The end of a sentence that tells to apply {@link #createFile}. */
    String replacement() {
        String prefix = config.tablePrefix();
        return prefix.equals(FILE_PREFIX) ? "" : ", with " + prefix + " in place of " + FILE_PREFIX;
    }

    /** The resource that renames the tables of version 3. */
    String upgradeFile() {
        return upgrade.name();
    }

    /** The renaming statements of the upgrade from version 3, in their order. */
    List<Rename> renames() {
        return upgrade.statements().stream()
                .map(Rename::parse)
                .filter(rename -> rename != null)
                .toList();
    }

    /** The table under the name that it had before version {@value #PREFIXED}; null when the name is the same. */
    @Nullable
    Table former(Table table) {
        return renames().stream()
                .filter(rename ->
                        rename.kind().equals(Catalog.TABLE) && rename.newName().equals(table.name()))
                .findFirst()
                .map(rename -> table.named(rename.oldName()))
                .orElse(null);
    }

    /** The names of all tables, indexes and constraints that any version has had. */
    List<String> names() {
        List<String> names = new ArrayList<>(List.of(versions.name(), PARTICIPANT.name(), MOVED_PARTICIPANT.name()));
        for (Table table : newest) {
            names.add(table.name());
            table.indexes().forEach(index -> names.add(index.name()));
            names.addAll(table.constraintNames());
        }
        renames().forEach(rename -> names.add(rename.oldName()));
        return names;
    }

    /** The name of a table as SQL refers to it. */
    String qualified(String name) {
        return config.qualified(name);
    }

    /** Gives the statements of {@code jdbi} the tables' names: {@code <message>} stands for the table of messages. */
    void define(Jdbi jdbi) {
        Map<String, String> names = new TreeMap<>();
        names.put("schema", versions.name());
        newest.forEach(
                table -> names.put(table.name().substring(config.tablePrefix().length()), table.name()));
        names.forEach((key, name) -> jdbi.define(key, qualified(name)));
    }
}
