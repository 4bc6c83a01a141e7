package dev.confab.core;

/**
 * The result of a publish that is durable.
 *
 * @param entry the stored message
 * @param isNew false when the draft's key was already known; {@code entry} is then the message of the first publish
 *     with this key
 */
public record Published(Entry entry, boolean isNew) {}
