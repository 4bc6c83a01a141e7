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
        description = "A chat log with three wires: HTTP long poll, Server-Sent Events and WebSocket.",
        subcommands = ServeCommand.class,
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "[serve|bench]",
        footer = {"", "Without a command it serves. Try: chat-demo serve --help"})
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        String[] command = withCommand(args);
        int status = (command[0].equals("serve") ? serveOnly() : commandLine()).execute(command);
        // A server that started goes on until it is told to stop; then its shutdown hook has the last word.
        if (status != ServeCommand.RUNNING) {
            System.exit(status);
        }
    }

    static CommandLine commandLine() {
        return configured(new CommandLine(new Main()).addSubcommand(new BenchCommand()));
    }

    /** Reading what other commands take would be a part of each start. */
    private static CommandLine serveOnly() {
        return configured(new CommandLine(new Main()));
    }

    private static CommandLine configured(CommandLine line) {
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::wrongOption)
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println(command.getCommandName() + ": " + failure.getMessage());
                    return 1;
                });
    }

    /** Serving is what one mostly wants, so its name may be left out. */
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
        err.println(wrong.getCommandLine().getCommandSpec().qualifiedName() + ": "
                + String.valueOf(wrong.getMessage()).lines().findFirst().orElse("wrong option"));
        UnmatchedArgumentException.printSuggestions(wrong, err);
        return CommandLine.ExitCode.USAGE;
    }

    /** From the jar's manifest. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"chat-demo " + (version == null ? "(development)" : version)};
        }
    }
}
