package dev.confab.netty;

/**
 * The state of a {@link ChatServer} at one moment.
 *
 * @param connections the number of open connections
 * @param inputBytes the number of bytes that count for {@link ChatServerConfig#inputBudget}
 * @param outputBytes the number of bytes that count for {@link ChatServerConfig#outputBudget}
 */
public record ServerStats(int connections, long inputBytes, long outputBytes) {}
