package dev.confab.core;

/**
 * A publish that is durable.
 *
 * @param entry the stored message
 * @param isNew false when its key was known and this is the message from then
 */
public record Published(Entry entry, boolean isNew) {}
