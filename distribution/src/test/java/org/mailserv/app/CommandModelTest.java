package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.app.manual.ManPage;
import org.mailserv.server.testing.ForeignPrograms;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** Every command of the command line: what it says about itself, its JSON, its completion and its manual page. */
class CommandModelTest {
    /** Commands that print no data, or print it for one purpose only. */
    private static final Set<String> WITHOUT_JSON = Set.of(
            "mailserv",
            "mailserv run",
            "mailserv sendmail",
            "mailserv hash-password",
            "mailserv completion",
            "mailserv man-pages",
            "mailserv spool export",
            "mailserv help");

    @TempDir
    Path folder;

    static List<CommandSpec> commands() {
        List<CommandSpec> found = new ArrayList<>();
        collect(program(), found);
        return found;
    }

    private static CommandLine program() {
        return Main.commandLine(new String[] {"help"});
    }

    private static void collect(CommandLine command, List<CommandSpec> found) {
        found.add(command.getCommandSpec());
        new HashSet<>(command.getSubcommands().values()).forEach(inner -> collect(inner, found));
    }

    /** All but those that others read the words of: the library, and sendmail with its own rules. */
    static Stream<CommandSpec> ofOurs() {
        return commands().stream().filter(command -> !Set.of("help", "sendmail").contains(command.name()));
    }

    private static boolean isGroup(CommandSpec command) {
        Class<?> type = command.userObject().getClass();
        return type.getSuperclass().getSimpleName().equals("CommandGroup")
                || type.getSimpleName().equals("ImportCommand");
    }

    @ParameterizedTest
    @MethodSource("ofOurs")
    @DisplayName("has --help and --version, and describes itself, its options and its parameters in sentences")
    void describesItself(CommandSpec command) {
        assertThat(command.optionsMap()).containsKeys("-h", "--help", "-V", "--version");
        assertThat(command.usageMessage().description()).isNotEmpty();
        List<ArgSpec> all = new ArrayList<>(command.args());
        // The label says it all.
        all.removeIf(each ->
                each.hidden() || each.isPositional() && each.paramLabel().matches(".*@DOMAIN|DOMAIN|TARGET"));
        for (ArgSpec each : all) {
            assertThat(String.join(" ", each.description()))
                    .as(command.qualifiedName() + " " + each)
                    .endsWith(".");
        }
    }

    @ParameterizedTest
    @MethodSource("ofOurs")
    @DisplayName("prints JSON on demand, if it prints data")
    void printsJson(CommandSpec command) {
        // Changes of accounts and of a cluster say in a word that they are done.
        boolean done = command.qualifiedName().matches("mailserv (user|alias|domain|cluster) .*")
                && !Set.of("list", "show", "status").contains(command.name());
        boolean without = WITHOUT_JSON.contains(command.qualifiedName()) || isGroup(command) || done;
        assertThat(command.optionsMap().containsKey("--json") || without)
                .as(command.qualifiedName())
                .isTrue();
    }

    @Test
    @DisplayName("help works as a command and as an option, with the same words")
    void help() {
        StringWriter asCommand = new StringWriter();
        StringWriter asOption = new StringWriter();
        assertThat(program().setOut(new PrintWriter(asCommand)).execute("help", "queue"))
                .isZero();
        assertThat(program().setOut(new PrintWriter(asOption)).execute("queue", "--help"))
                .isZero();
        assertThat(asCommand.toString()).isEqualTo(asOption.toString()).contains("summary");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh"})
    @DisplayName("the completion script is a script, and completes commands of two levels")
    void completion(String shell) throws Exception {
        StringWriter script = new StringWriter();
        assertThat(program().setOut(new PrintWriter(script)).execute("completion", shell))
                .isZero();
        assertThat(script.toString()).contains("dns-check", "--older-than").doesNotContain("man-pages");
        Path file = Files.writeString(folder.resolve("script"), script.toString());
        assertThat(Tools.run("bash", "-n", file.toString())).isEmpty();
        String words = "COMP_WORDS=(mailserv queue su); COMP_CWORD=2; COMP_LINE='mailserv queue su'; COMP_POINT=17;"
                + " _complete_mailserv; echo \"${COMPREPLY[@]}\"";
        assertThat(Tools.run("bash", "-c", "source " + file + "; " + words)).contains("summary");
    }

    @Test
    @DisplayName("each command has a manual page that man renders without a warning")
    void manualPages() throws Exception {
        List<ManPage> pages = ManPage.of(program(), "mailserv test");
        assertThat(pages)
                .extracting(ManPage::name)
                .contains("mailserv", "mailserv-queue", "mailserv-config")
                .doesNotContain("mailserv-man-pages")
                .doesNotHaveDuplicates();
        ForeignPrograms.assumeAble("man", "man", "man", "--version");
        for (ManPage page : pages) {
            Path file = Files.writeString(folder.resolve(page.name() + ".1"), page.roff());
            String shown = Tools.run(
                    "sh", "-c", "MANWIDTH=80 LC_ALL=C.UTF-8 man -l --warnings " + file + " 2>&1 >" + file + ".txt");
            assertThat(shown).as(page.name()).isBlank();
            assertThat(Files.readString(Path.of(file + ".txt")))
                    .contains("NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", page.name() + " - ");
        }
    }
}
