package dev.confab.demo;

import picocli.CommandLine;

/** The command line, for tests in other packages. */
public final class CommandLines {
    private CommandLines() {}

    public static CommandLine main() {
        return Main.commandLine();
    }
}
