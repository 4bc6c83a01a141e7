package dev.confab.demo;

import dev.confab.demo.bench.BenchCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line of the demo jar. */
@Command(
        name = "chat-demo",
        description = "A chat log with three transports: HTTP long poll, Server-Sent Events and WebSocket.",
        subcommands = ServeCommand.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "[serve|bench]",
        footer = {"", "Without a command, serve runs. Try: chat-demo serve --help"})
public final class Main {
    static {
        // A system property turns on picocli's trace, which shows all arguments with the passwords in them.
        CommandLine.tracer().setLevel(CommandLine.TraceLevel.OFF);
    }

    private Main() {}

    public static void main(String[] args) {
        DirectMemory.bound();
        String[] command = withCommand(args);
        int status = (command[0].equals("serve") ? serveOnly() : commandLine()).execute(command);
        // A started server runs until a signal stops it; then its shutdown hook decides the exit status.
        if (status != ServeCommand.RUNNING) {
            System.exit(status);
        }
    }

    static CommandLine commandLine() {
        return configured(new CommandLine(new Main()).addSubcommand(new BenchCommand()));
    }

    /**
     * Returns a command line without {@code bench}, whose options would otherwise be read at each start of the server.
     */
    private static CommandLine serveOnly() {
        return configured(new CommandLine(new Main()));
    }

    private static CommandLine configured(CommandLine line) {
        withVersion(line);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::wrongOption)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr()
                            .println(command.getCommandName() + ": "
                                    + ErrorText.withoutSecrets(failure.getMessage(), parsed.originalArgs()));
                    return 1;
                });
    }

    /** Gives the command and all its subcommands the version for their {@code --version} option. */
    private static void withVersion(CommandLine line) {
        line.getCommandSpec().versionProvider(() -> new String[] {Version.text()});
        line.getSubcommands().values().forEach(Main::withVersion);
    }

    /** Adds the command {@code serve} when no command is named, because serving is the most common use. */
    private static String[] withCommand(String[] args) {
        boolean named = args.length > 0 && !args[0].startsWith("-");
        boolean general = args.length == 1 && args[0].matches("--help|-h|--version|-V");
        if (named || general) {
            return args;
        }
        String[] with = new String[args.length + 1];
        with[0] = "serve";
        System.arraycopy(args, 0, with, 1, args.length);
        return with;
    }

    private static int wrongOption(ParameterException wrong, String[] args) {
        PrintWriter err = wrong.getCommandLine().getErr();
        err.println(wrong.getCommandLine().getCommandSpec().qualifiedName() + ": " + ErrorText.of(wrong, args));
        UnmatchedArgumentException.printSuggestions(wrong, err);
        return CommandLine.ExitCode.USAGE;
    }
}
