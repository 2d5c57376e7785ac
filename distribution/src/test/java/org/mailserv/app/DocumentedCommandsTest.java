package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.server.config.ConfigurationException;
import picocli.CommandLine;

/** The commands and settings that the pages name, beside those that exist. */
class DocumentedCommandsTest {
    private static final Path ROOT = Path.of("..");
    /** A command of mailserv, perhaps of a container or with another user, up to the end of its line. */
    private static final Pattern COMMAND = Pattern.compile(
            "(?:^|[$;&|(]|exec (?:-\\w+ )*mailserv |sudo (?:-\\w+ \\w+ )?)\\s*((?:[\\w./*-]*/)?mailserv(?:\\.jar)?"
                    + " +[a-z-][^`]*)");

    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern WORD = Pattern.compile("\"[^\"]*\"|'[^']*'|\\S+");
    private static final Pattern KEY = Pattern.compile("[a-z][a-z0-9-]*(?:\\.[a-z][a-z0-9-]*)+");
    /** Words after the first key that are files, hosts and the like. */
    private static final Pattern NO_KEY =
            Pattern.compile(".*\\.(?:md|conf|yaml|py|service|example|org|net|test|txt|pem|sock|sh|json|log)");

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
        for (Path folder : List.of(ROOT.resolve("docs"), ROOT.resolve("packaging"))) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(file -> file.toString().endsWith(".md"))
                        .filter(file -> !file.toString().contains("target"))
                        .sorted()
                        .forEach(pages::add);
            }
        }
        return pages;
    }

    private static List<String> commands(Path page) throws IOException {
        List<String> found = new ArrayList<>();
        boolean fenced = false;
        for (String line : Files.readString(page).replace("\\\n", " ").lines().toList()) {
            fenced ^= line.startsWith("```");
            boolean block = fenced || line.startsWith("    ");
            List<String> pieces = new ArrayList<>(block ? List.of(line.strip()) : List.of());
            Matcher code = CODE.matcher(line);
            while (code.find()) {
                pieces.add(code.group(1));
            }
            for (String piece : pieces) {
                Matcher command = COMMAND.matcher(piece);
                if (command.find()) {
                    found.add(command.group(1));
                }
            }
        }
        return found;
    }

    /** Returns the words of each way to write a command, with values for placeholders. */
    private static List<List<String>> variants(String command) {
        String plain = command.replaceFirst("\\s+#.*", "")
                .replaceFirst("^\\S+\\s+", "")
                .replaceAll("\\$\\([^)]*\\)", "x")
                .replaceFirst("\\s+(?:&&|\\|\\||[|;>]|<).*", "")
                .replaceFirst("[),;.]+$", "");
        List<List<String>> all = new ArrayList<>(List.of(new ArrayList<>()));
        // What is optional or a choice is left to the reader: the words before it have to be right.
        List<String> given = WORD.matcher(plain.replaceFirst("\\s+[\\[(].*", ""))
                .results()
                .map(MatchResult::group)
                .toList();
        for (String word : given) {
            List<List<String>> longer = new ArrayList<>();
            for (String choice : word.matches("[a-z|-]+") ? word.split("\\|") : new String[] {word}) {
                for (List<String> before : all) {
                    List<String> words = new ArrayList<>(before);
                    words.add(value(choice));
                    longer.add(words);
                }
            }
            all = longer;
        }
        return all;
    }

    private static String value(String word) {
        return word.replaceAll("^[\"']|[\"']$", "")
                .replaceAll("^(?:N|SECONDS|PORT)$", "1")
                .replaceAll("^ID\\|ADDRESS$|^ADDRESS$", "joe@example.org");
    }

    @ParameterizedTest
    @MethodSource("pages")
    @DisplayName("each command of a page exists, with its options")
    void commandsExist(Path page) throws IOException {
        for (String command : commands(page)) {
            for (List<String> words : variants(command)) {
                if (Set.of("sendmail", "mailq", "newaliases").contains(words.get(0))) {
                    continue;
                }
                CommandLine line = Main.commandLine(new String[] {"help"});
                try {
                    line.parseArgs(words.toArray(String[]::new));
                } catch (CommandLine.MissingParameterException e) {
                    // Named in a sentence, without its parameters.
                } catch (CommandLine.ParameterException e) {
                    throw new AssertionError(page + ": " + command + ": " + e.getMessage(), e);
                }
            }
        }
    }

    @Test
    @DisplayName("commands are found at all")
    void findsCommands() throws IOException {
        List<String> all = new ArrayList<>();
        for (Path page : pages()) {
            all.addAll(commands(page));
        }
        assertThat(all).hasSizeGreaterThan(60);
        assertThat(commands(ROOT.resolve("docs/backup.md"))).anyMatch(command -> command.startsWith("mailserv backup"));
        assertThat(variants("mailserv queue hold|release ID [--dry-run]"))
                .containsExactly(List.of("queue", "hold", "ID"), List.of("queue", "release", "ID"));
    }

    /** Returns the pages without the one that names packages, some of which begin like settings. */
    static List<Path> pagesWithSettings() throws IOException {
        return pages().stream()
                .filter(page -> !page.endsWith("docs/architecture.md"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pagesWithSettings")
    @DisplayName("each setting that a page names exists")
    void settingsExist(Path page) throws IOException {
        ConfigObject reference = ConfigFile.reference().root();
        Matcher code = CODE.matcher(Files.readString(page));
        List<String> unknown = new ArrayList<>();
        while (code.find()) {
            Matcher named = Pattern.compile("^" + KEY + "(?=$|\\s*[={])")
                    .matcher(code.group(1).strip());
            if (named.find() && !NO_KEY.matcher(named.group()).matches() && !exists(reference, named.group())) {
                unknown.add(named.group());
            }
        }
        assertThat(unknown).as(page.toString()).isEmpty();
    }

    /** Returns whether a key exists, or does not look like a setting because there is no such group. */
    private static boolean exists(ConfigObject reference, String key) {
        ConfigValue here = reference;
        List<String> path = Arrays.asList(key.split("\\."));
        if (!reference.containsKey(path.get(0))) {
            return true;
        }
        for (String name : path) {
            if (!(here instanceof ConfigObject group) || group.isEmpty()) {
                // Elements of lists, domains, routes: their members are described in comments.
                return true;
            } else if (!group.containsKey(name)) {
                return false;
            }
            here = group.get(name);
        }
        return true;
    }

    @ParameterizedTest
    @MethodSource("pages")
    @DisplayName("each piece of a configuration can be used")
    void configurationsWork(Path page) throws IOException {
        List<String> blocks = new ArrayList<>();
        StringBuilder block = new StringBuilder();
        boolean fenced = false;
        for (String line : Files.readAllLines(page)) {
            boolean fence = line.startsWith("```");
            fenced ^= fence;
            if (!fence && (fenced || line.startsWith("    "))) {
                block.append(line).append('\n');
            } else if (block.length() > 0) {
                blocks.add(block.toString());
                block.setLength(0);
            }
        }
        for (String each : blocks) {
            Config piece = piece(each);
            if (piece != null) {
                try {
                    ConfigFile.bind(piece.withFallback(ConfigFactory.parseString(
                                    "hostname = mx.example.org, data-dir = data, domains { \"example.org\" {} }"))
                            .withFallback(ConfigFile.reference())
                            .resolve());
                } catch (ConfigurationException e) {
                    throw new AssertionError(page + ":\n" + each + "\n" + e.problems(), e);
                }
            }
        }
    }

    /** Returns a block as a configuration; null if it is something else. */
    private static Config piece(String block) {
        try {
            Config piece = ConfigFactory.parseString(
                    block.replace("{SCRAM-SHA-256}...", "{PLAIN}x").replace("\"...\"", "c2VjcmV0"));
            Set<String> known = ConfigFile.reference().root().keySet();
            return !piece.isEmpty() && piece.root().keySet().stream().allMatch(known::contains) ? piece : null;
        } catch (ConfigException e) {
            return null;
        }
    }
}
