package org.mailserv.app.transfer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.disk.TextFile;

/**
 * The aliases of another server: {@code /etc/aliases} ({@code name: target, target}), or a virtual alias map of Postfix, docker-mailserver or
 * Exim ({@code address target, target}). Lines that begin with white space continue the line before. What has no counterpart here is refused
 * with its line: regular expressions, programs, files and included lists.
 */
public final class AliasSource {
    private final Path file;
    private final String defaultDomain;
    private final Map<String, List<String>> aliases = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private AliasSource(Path file, String defaultDomain) {
        this.file = file;
        this.defaultDomain = defaultDomain;
    }

    /**
     * Reads a file. Blocks.
     *
     * @param defaultDomain domain of names without one
     */
    public static AliasSource read(Path file, String defaultDomain) throws IOException {
        AliasSource source = new AliasSource(file, defaultDomain);
        List<String> lines = TextFile.lines(file);
        StringBuilder logical = new StringBuilder();
        int start = 0;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isBlank() || line.strip().startsWith("#")) {
                continue;
            } else if (Character.isWhitespace(line.charAt(0)) && logical.length() > 0) {
                logical.append(' ').append(line.strip());
                continue;
            }
            source.take(logical.toString(), start);
            logical.setLength(0);
            logical.append(line.strip());
            start = i + 1;
        }
        source.take(logical.toString(), start);
        return source;
    }

    /** Returns the targets by address, or by {@code @domain} for a catch-all, in the order of the file. */
    public Map<String, List<String>> aliases() {
        return aliases;
    }

    /** Returns what has no counterpart here, one line each, with file and line. */
    public List<String> problems() {
        return problems;
    }

    private void take(String line, int number) {
        if (line.isEmpty()) {
            return;
        }
        String where = file + ":" + number + ": ";
        if (line.startsWith("/") || line.startsWith("!/") || line.matches("(?i)(if|endif)\\b.*")) {
            problems.add(
                    where + "a regular expression, which aliases do not have (expected: an address for each): " + line);
            return;
        }
        String[] parts = split(line);
        String key = parts == null ? null : key(parts[0]);
        if (parts == null || key == null) {
            problems.add(where + "no alias (expected: name: target, or address target): " + line);
            return;
        }
        List<String> targets = new ArrayList<>();
        for (String target : parts[1].split("(?:\\s*,\\s*|\\s+)(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)")) {
            String problem = target.isEmpty() ? null : add(target, targets);
            if (problem != null) {
                problems.add(where + key + ": " + problem);
                return;
            }
        }
        if (targets.isEmpty()) {
            problems.add(where + key + ": no target");
        } else if (aliases.putIfAbsent(key, targets) != null) {
            problems.add(where + key + " is there twice; the first is used");
        }
    }

    /** Returns name and targets, or null. */
    private static String @Nullable [] split(String line) {
        int colon = line.startsWith("\"") ? line.indexOf(':', line.indexOf('"', 1) + 1) : line.indexOf(':');
        int space = line.replace('\t', ' ').indexOf(' ');
        boolean classic = colon > 0
                && (space < 0 || colon < space || line.substring(space, colon).isBlank());
        int end = classic ? colon : space;
        return end <= 0
                ? null
                : new String[] {
                    line.substring(0, end).strip(), line.substring(end + 1).strip()
                };
    }

    private @Nullable String key(String name) {
        String bare = name.startsWith("\"") && name.endsWith("\"") ? name.substring(1, name.length() - 1) : name;
        return AliasesFile.key(bare.indexOf('@') < 0 ? name + "@" + defaultDomain : bare);
    }

    private static @Nullable String add(String given, List<String> targets) {
        String target = given.startsWith("\\") ? given.substring(1) : given;
        String bare = target.startsWith("\"") && target.endsWith("\"") && target.length() > 1
                ? target.substring(1, target.length() - 1)
                : target;
        if (bare.startsWith("|")) {
            return "the program " + bare + " cannot be a target (pipe by LMTP or a route instead)";
        } else if (bare.startsWith("/") || bare.startsWith("~")) {
            return "the file " + bare + " cannot be a target (expected: an address)";
        } else if (bare.startsWith(":")) {
            return bare + " cannot be a target (write the addresses into the line)";
        } else if (bare.indexOf('$') >= 0) {
            return bare + " is a pattern (expected: an address)";
        }
        Address address = PathParser.parseAddress(bare);
        if (address == null) {
            return bare + " is no address";
        }
        targets.add(bare);
        return null;
    }
}
