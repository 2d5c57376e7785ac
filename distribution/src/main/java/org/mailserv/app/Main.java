package org.mailserv.app;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.cli.AdminCommands;
import org.mailserv.app.cli.AliasCommand;
import org.mailserv.app.cli.Arguments;
import org.mailserv.app.cli.BackupCommands;
import org.mailserv.app.cli.CheckConfigCommand;
import org.mailserv.app.cli.ClusterCommand;
import org.mailserv.app.cli.CompletionCommand;
import org.mailserv.app.cli.ConfigCommand;
import org.mailserv.app.cli.DkimCommand;
import org.mailserv.app.cli.DnsCheckCommand;
import org.mailserv.app.cli.DoctorCommand;
import org.mailserv.app.cli.DomainCommand;
import org.mailserv.app.cli.ExplainCommand;
import org.mailserv.app.cli.HashPasswordCommand;
import org.mailserv.app.cli.ImportCommand;
import org.mailserv.app.cli.InitCommand;
import org.mailserv.app.cli.MailboxCommand;
import org.mailserv.app.cli.MailservCommand;
import org.mailserv.app.cli.ManPagesCommand;
import org.mailserv.app.cli.OneLineErrors;
import org.mailserv.app.cli.QueueCommand;
import org.mailserv.app.cli.ReceivedReportsCommand;
import org.mailserv.app.cli.RunCommand;
import org.mailserv.app.cli.SendmailCommand;
import org.mailserv.app.cli.SpoolCommand;
import org.mailserv.app.cli.StoreCommand;
import org.mailserv.app.cli.SupportBundleCommand;
import org.mailserv.app.cli.TestDeliveryCommand;
import org.mailserv.app.cli.TlsCommand;
import org.mailserv.app.cli.TopCommand;
import org.mailserv.app.cli.TraceCommand;
import org.mailserv.app.cli.UserCommand;
import org.mailserv.app.cli.VersionCommand;
import org.mailserv.app.log.StartLogging;
import org.mailserv.app.sendmail.Sendmail;
import org.mailserv.app.sendmail.SendmailException;
import picocli.CommandLine;

/** The program's entry. */
public final class Main {
    private static final String NETTY_EVENTS = "io.netty.jfr.enabled";
    private static final String NATIVE_REFLECTION = "jdk.reflect.useNativeAccessorOnly";
    private static final Set<String> WHOLE = Set.of("help", "completion", "man-pages");

    private Main() {}

    public static void main(String[] given) {
        String[] args = Arguments.inUtf8(given);
        Arguments.printInUtf8();
        // Netty's events for the flight recorder cost a tenth of the start, and nobody records them.
        if (System.getProperty(NETTY_EVENTS) == null) {
            System.setProperty(NETTY_EVENTS, "false");
        }
        // From Java 18 on, reflection by method handles spins hundreds of classes at the start, for what is used once.
        if (System.getProperty(NATIVE_REFLECTION) == null) {
            System.setProperty(NATIVE_REFLECTION, "true");
        }
        if (isCommand(args)) {
            StartLogging.toStandardError();
        }
        int code;
        try {
            Integer sent = sendmail(args);
            code = sent != null
                    ? sent
                    : isPlainStart(args) ? start(args) : commandLine(args).execute(args);
        } catch (InvalidPathException e) {
            System.err.println("mailserv: " + e.getInput()
                    + ": the locale of this process cannot name this file (expected: LC_ALL=C.UTF-8 in the"
                    + " environment)");
            code = SendmailException.EX_CONFIG;
        }
        StartLogging.end();
        System.exit(code);
    }

    /** Runs sendmail, also by its other names, with its words as they are; null where another command is meant. */
    private static @Nullable Integer sendmail(String[] args) {
        MailservCommand command = new MailservCommand();
        int at = 0;
        while (at + 1 < args.length && (args[at].equals("-c") || args[at].equals("--config"))) {
            command.config = Path.of(args[at + 1]);
            at += 2;
        }
        if (at < args.length && args[at].startsWith("--config=")) {
            command.config = Path.of(args[at++].substring("--config=".length()));
        }
        String name = at < args.length ? args[at] : "";
        List<String> words = new ArrayList<>();
        switch (name) {
            case "sendmail" -> {}
            case "mailq" -> words.add("-bp");
            case "newaliases" -> words.add("-bi");
            default -> {
                return null;
            }
        }
        StartLogging.toStandardError();
        words.addAll(Arrays.asList(args).subList(at + 1, args.length));
        return new Sendmail(command.configFile(), System.in, System.out, System.err).run(words);
    }

    /** Handles the command line of service managers and containers: only the file, or no argument at all. */
    static boolean isPlainStart(String[] args) {
        return args.length == 0
                || args.length == 2 && (args[0].equals("-c") || args[0].equals("--config")) && !args[1].startsWith("-");
    }

    /** Returns whether the arguments name a sub-command other than the server itself. */
    static boolean isCommand(String[] args) {
        Map<String, Class<?>> all = subcommands();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("-c") || args[i].equals("--config")) {
                i++;
            } else if (all.containsKey(args[i])) {
                return !args[i].equals("run");
            }
        }
        return false;
    }

    /** The server without the library for command lines, which would take a fifth of the time until the first banner. */
    private static int start(String[] args) {
        MailservCommand command = new MailservCommand();
        command.config = args.length == 0 ? null : Path.of(args[1]);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        try {
            return command.call();
        } catch (Exception e) {
            Integer code = OneLineErrors.tell(e, err);
            return code == null ? OneLineErrors.tellBug(e, err) : code;
        }
    }

    /** Registers only the subcommands named, or all if none is: reading the annotations of all of them takes a fifth of the start-up time. */
    public static CommandLine commandLine(String[] args) {
        CommandLine line = new CommandLine(new MailservCommand());
        List<String> given = Arrays.asList(args);
        Map<String, Class<?>> all = subcommands();
        boolean plain = given.stream().allMatch(Main::isOptionOfServer);
        // These are about the other subcommands.
        boolean whole = given.stream().anyMatch(WHOLE::contains);
        boolean named = !whole && given.stream().anyMatch(all::containsKey);
        all.forEach((name, type) -> {
            if (named ? given.contains(name) : !plain) {
                line.addSubcommand(name, type);
            }
        });
        OneLineErrors errors = new OneLineErrors();
        return line.setExecutionExceptionHandler(errors)
                .setParameterExceptionHandler(errors)
                .setExecutionStrategy(OneLineErrors::execute)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Returns whether an argument may be an option of the server or its file, and is not a request for help. */
    private static boolean isOptionOfServer(String argument) {
        return !argument.equals("-h")
                && !argument.equals("--help")
                && (argument.startsWith("-") || argument.indexOf('/') >= 0);
    }

    private static Map<String, Class<?>> subcommands() {
        Map<String, Class<?>> all = new LinkedHashMap<>();
        all.put("run", RunCommand.class);
        all.put("check-config", CheckConfigCommand.class);
        all.put("init", InitCommand.class);
        all.put("reload", AdminCommands.Reload.class);
        all.put("stop", AdminCommands.Stop.class);
        all.put("sessions", AdminCommands.Sessions.class);
        all.put("cluster", ClusterCommand.class);
        all.put("store", StoreCommand.class);
        all.put("reports", AdminCommands.Reports.class);
        all.put("received-reports", ReceivedReportsCommand.class);
        all.put("doctor", DoctorCommand.class);
        all.put("trace", TraceCommand.class);
        all.put("explain", ExplainCommand.class);
        all.put("dns-check", DnsCheckCommand.class);
        all.put("tls", TlsCommand.class);
        all.put("test-delivery", TestDeliveryCommand.class);
        all.put("queue", QueueCommand.class);
        all.put("spool", SpoolCommand.class);
        all.put("backup", BackupCommands.Write.class);
        all.put("restore", BackupCommands.Restore.class);
        all.put("support-bundle", SupportBundleCommand.class);
        all.put("sendmail", SendmailCommand.class);
        all.put("dkim", DkimCommand.class);
        all.put("user", UserCommand.class);
        all.put("alias", AliasCommand.class);
        all.put("domain", DomainCommand.class);
        all.put("mailbox", MailboxCommand.class);
        all.put("import", ImportCommand.class);
        all.put("hash-password", HashPasswordCommand.class);
        all.put("config", ConfigCommand.class);
        all.put("top", TopCommand.class);
        all.put("completion", CompletionCommand.class);
        all.put("man-pages", ManPagesCommand.class);
        all.put("version", VersionCommand.class);
        all.put("help", CommandLine.HelpCommand.class);
        return all;
    }
}
