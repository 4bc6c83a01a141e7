package dev.confab.jdbi;

/**
 * The failures that an acknowledged message survives on an embedded database. A database server has its own setting.
 */
public enum Durability {
    /** Power loss: every batch is synced to disk before its append returns ({@code CHECKPOINT SYNC} on H2). */
    FSYNC,

    /**
     * The end of the process, kill -9 too, but not of the machine: every batch is handed to the operating system
     * ({@code WRITE_DELAY 0} on H2), which writes it at a time of its choice. Power loss or a kernel crash may take the
     * last seconds, acknowledged or not.
     */
    OS
}
