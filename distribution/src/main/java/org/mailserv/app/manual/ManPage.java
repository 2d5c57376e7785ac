package org.mailserv.app.manual;

import java.util.ArrayList;
import java.util.Collection;
import java.util.IllegalFormatException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The manual page of a command, with all its subcommands.
 *
 * @param name of the page, such as {@code mailserv-queue}
 * @param roff the text of the page
 */
public record ManPage(String name, String roff) {
    /** Options that every command has. */
    private static final Set<String> COMMON = Set.of("--help", "--version", "--config");

    /** Returns the pages of a program: one for itself, and one for each command. Hidden commands have none. */
    public static List<ManPage> of(CommandLine program, String version) {
        List<ManPage> pages = new ArrayList<>();
        pages.add(overview(program, version));
        for (CommandLine command : commands(program)) {
            pages.add(page(command, version));
        }
        return pages;
    }

    private static List<CommandLine> commands(CommandLine parent) {
        Set<CommandLine> shown = new LinkedHashSet<>(parent.getSubcommands().values());
        shown.removeIf(command -> command.getCommandSpec().usageMessage().hidden());
        return List.copyOf(shown);
    }

    private static String pageName(CommandLine command) {
        return command.getCommandSpec().qualifiedName("-");
    }

    private static ManPage overview(CommandLine program, String version) {
        Roff roff = begin(program, version);
        roff.section("COMMANDS");
        for (CommandLine command : commands(program)) {
            roff.entry(pageName(command) + "(1)", summary(command.getCommandSpec()));
        }
        roff.section("OPTIONS");
        options(program, roff, Set.of());
        end(program, roff);
        return new ManPage(pageName(program), roff.toString());
    }

    private static ManPage page(CommandLine command, String version) {
        Roff roff = begin(command, version);
        if (!commands(command).isEmpty()) {
            roff.section("COMMANDS");
            subcommands(command, roff);
        }
        roff.section("OPTIONS");
        options(command, roff, Set.of());
        end(command, roff);
        return new ManPage(pageName(command), roff.toString());
    }

    private static Roff begin(CommandLine command, String version) {
        Roff roff = new Roff();
        roff.title(pageName(command), version);
        roff.name(pageName(command), summary(command.getCommandSpec()).replaceFirst("\\.$", ""));
        roff.section("SYNOPSIS");
        if (commands(command).isEmpty() || command.getParent() == null) {
            roff.bold(synopsis(command));
        }
        for (CommandLine each : command.getParent() == null ? List.<CommandLine>of() : commands(command)) {
            roff.bold(synopsis(each));
        }
        roff.section("DESCRIPTION");
        description(command, roff);
        return roff;
    }

    private static void subcommands(CommandLine parent, Roff roff) {
        for (CommandLine command : commands(parent)) {
            roff.subsection(command.getCommandSpec().qualifiedName(" "));
            description(command, roff);
            options(command, roff, COMMON);
            subcommands(command, roff);
        }
    }

    private static void description(CommandLine command, Roff roff) {
        for (String paragraph : command.getCommandSpec().usageMessage().description()) {
            roff.paragraph(formatted(paragraph));
        }
    }

    /** @param left names of options that are left out */
    private static void options(CommandLine command, Roff roff, Set<String> left) {
        for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
            if (!parameter.hidden()) {
                roff.entry(parameter.paramLabel(), text(parameter));
            }
        }
        TreeMap<String, OptionSpec> sorted = new TreeMap<>();
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (!option.hidden() && !left.contains(option.longestName())) {
                sorted.put(option.longestName(), option);
            }
        }
        for (OptionSpec option : sorted.values()) {
            String value = option.arity().max() > 0 ? " " + option.paramLabel() : "";
            roff.entry(String.join(", ", option.names()) + value, text(option));
        }
    }

    private static String text(ArgSpec argument) {
        List<String> parts = new ArrayList<>();
        for (String part : argument.description()) {
            parts.add(formatted(part));
        }
        return String.join(" ", parts);
    }

    /** Returns the line of the usage that shows how the command is called. */
    private static String synopsis(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        StringBuilder line = new StringBuilder(spec.qualifiedName(" "));
        for (OptionSpec option : spec.options()) {
            if (option.required()) {
                line.append(' ').append(option.longestName());
                line.append(option.arity().max() > 0 ? " " + option.paramLabel() : "");
            }
        }
        line.append(" [OPTION...]");
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            boolean several = parameter.arity().max() > 1
                    || parameter.type().isAssignableFrom(Set.class)
                    || Collection.class.isAssignableFrom(parameter.type());
            String label = parameter.paramLabel() + (several ? "..." : "");
            line.append(parameter.arity().min() > 0 ? " " + label : " [" + label + "]");
        }
        return line.append(commands(command).isEmpty() ? "" : " [COMMAND ...]").toString();
    }

    private static String summary(CommandSpec spec) {
        String[] description = spec.usageMessage().description();
        return description.length == 0 ? "" : formatted(description[0]);
    }

    /** Descriptions are formats for the library. */
    private static String formatted(String text) {
        try {
            return String.format(text);
        } catch (IllegalFormatException e) {
            return text;
        }
    }

    private static void end(CommandLine command, Roff roff) {
        roff.section("EXIT STATUS");
        roff.entry("0", "Success.");
        roff.entry("1", "The answer is no, or a part could not be done.");
        roff.entry("2", "A mistake on the command line.");
        roff.entry("69", "The server does not run, or something that is needed is not to be had.");
        roff.entry("78", "An error in the configuration.");
        roff.section("FILES");
        roff.entry(
                "/etc/mailserv/mailserv.conf",
                "The configuration, unless -c, $MAILSERV_CONFIG or ./mailserv.conf names another.");
        roff.section("SEE ALSO");
        List<String> others = new ArrayList<>();
        CommandLine program = command.getParent() == null ? command : command.getParent();
        if (program != command) {
            others.add(pageName(program) + "(1)");
        }
        for (CommandLine each : commands(program)) {
            if (each != command) {
                others.add(pageName(each) + "(1)");
            }
        }
        roff.paragraph(String.join(", ", others));
    }
}
