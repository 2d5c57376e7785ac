package org.mailserv.server.account;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.LocalParts;
import org.mailserv.codec.address.PathParser;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.EditedFile;

/**
 * A file of aliases in lines of the form {@code name@domain: target, target}. {@code @domain} is a catch-all, and a
 * name without a domain belongs to the primary domain. A target is an address in any domain, or a name in the alias's
 * domain or the primary domain. Blank lines and lines that begin with {@code #} are preserved.
 */
public final class AliasesFile {
    private final Path path;
    private final EditedFile file;

    public AliasesFile(Path path, Disk disk) {
        this.path = path;
        this.file = new EditedFile(path, disk);
    }

    /**
     * The content of the file.
     *
     * @param aliases targets by {@code name@domain} in canonical form, or by {@code name} if the line has no domain,
     *     in file order
     * @param problems one line per problem
     */
    public record Content(Map<String, List<String>> aliases, List<String> problems) {}

    public Path path() {
        return path;
    }

    /** Reads the file. A missing file contains no aliases. Blocks. */
    public Content read() throws IOException {
        Map<String, List<String>> aliases = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        List<String> lines = file.lines();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String name = name(line);
            List<String> targets = name == null ? List.of() : targets(line.substring(colon(line) + 1));
            if (name == null || targets.isEmpty()) {
                problems.add(path + ":" + (i + 1) + ": no alias (expected: name@domain: target, target)");
            } else if (aliases.putIfAbsent(name, targets) != null) {
                problems.add(path + ":" + (i + 1) + ": " + name + " is there twice");
            }
        }
        return new Content(aliases, problems);
    }

    /**
     * Returns the key of an alias in {@link Content}, or null if the text is neither {@code name@domain} nor {@code
     * @domain}.
     */
    public static @Nullable String key(String text) {
        String address = text.strip();
        Address parsed = PathParser.parseAddress(address.startsWith("@") ? "x" + address : address);
        if (parsed == null || parsed.domain().isEmpty()) {
            return null;
        }
        return (address.startsWith("@") ? "" : parsed.canonicalLocalPart()) + "@" + parsed.domain();
    }

    private static @Nullable String name(String line) {
        int colon = colon(line);
        String text = colon < 0 ? "" : line.substring(0, colon).strip();
        Address bare = text.isEmpty() ? null : PathParser.parseAddress(text);
        return bare == null || !bare.domain().isEmpty() ? key(text) : bare.canonicalLocalPart();
    }

    /** Returns the index of the colon after the name. A quoted colon is part of the name. */
    private static int colon(String line) {
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && quoted) {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ':' && !quoted) {
                return i;
            }
        }
        return -1;
    }

    /** Returns a key in the syntax of the file. */
    private static String written(String key) {
        int at = key.lastIndexOf('@');
        return at < 1 ? key : LocalParts.quoteIfNeeded(key.substring(0, at)) + key.substring(at);
    }

    private static List<String> targets(String text) {
        List<String> targets = new ArrayList<>();
        for (String part : text.split(",")) {
            if (!part.isBlank()) {
                targets.add(part.strip());
            }
        }
        return targets;
    }

    /** Adds aliases that the file does not have, in one write. Durable on return. Blocks. */
    public void addAll(Map<String, List<String>> added) throws IOException {
        file.edit(lines -> {
            added.forEach((name, targets) -> lines.add(line(name, targets)));
            return true;
        });
    }

    /**
     * Sets the targets of an alias, or removes it if the list is empty. Durable on return. Blocks.
     *
     * @return false if there was no alias to remove
     */
    public boolean put(String name, List<String> targets) throws IOException {
        return file.edit(lines -> {
            int index = -1;
            for (int i = lines.size() - 1; i >= 0; i--) {
                if (!lines.get(i).strip().startsWith("#") && name.equals(name(lines.get(i)))) {
                    // A second line of the same alias would take effect once the first is gone.
                    lines.remove(i);
                    index = i;
                }
            }
            if (targets.isEmpty()) {
                return index >= 0;
            }
            lines.add(index < 0 ? lines.size() : index, line(name, targets));
            return true;
        });
    }

    private static String line(String name, List<String> targets) {
        return written(name) + ": " + String.join(", ", targets);
    }
}
