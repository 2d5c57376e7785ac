package org.mailserv.server.store.mirror;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files that a mirror keeps: single ones, and folders of folders whose files come and go. Build it before the mirror starts. */
public final class MirroredFiles {
    /** Names that cannot lead out of their folder, and are no temporary files. */
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*/[A-Za-z0-9_][A-Za-z0-9_.-]*");

    private final Map<String, MirroredFile> single = new LinkedHashMap<>();
    private final Map<String, Path> folders = new HashMap<>();
    private final Map<String, Pattern> names = new HashMap<>();

    /** Adds a file of lines. */
    public MirroredFiles lines(String name, Path file) {
        single.put(name, new MirroredFile(name, file, MirroredFile.Kind.LINES));
        return this;
    }

    /** Adds a file that is replaced as a whole. */
    public MirroredFiles octets(String name, Path file) {
        single.put(name, new MirroredFile(name, file, MirroredFile.Kind.OCTETS));
        return this;
    }

    /**
     * Adds the files of the folders in a folder.
     *
     * @param name the first part of their names
     * @param files which files of the folders are the same everywhere
     */
    public MirroredFiles tree(String name, Path folder, Pattern files) {
        folders.put(name, folder);
        names.put(name, files);
        return this;
    }

    /** Returns the file with a name, or null if it is none of these. */
    @Nullable
    MirroredFile find(String name) {
        MirroredFile found = single.get(name);
        int slash = name.indexOf('/');
        if (found != null || slash < 0) {
            return found;
        }
        String rest = name.substring(slash + 1);
        Path folder = folders.get(name.substring(0, slash));
        Pattern wanted = names.get(name.substring(0, slash));
        return folder != null
                        && wanted != null
                        && SAFE.matcher(rest).matches()
                        && !rest.contains("..")
                        && wanted.matcher(rest.substring(rest.indexOf('/') + 1)).matches()
                ? new MirroredFile(name, folder.resolve(rest), MirroredFile.Kind.OCTETS)
                : null;
    }

    /** Returns the single files, and those of the folders that exist. Blocks. */
    List<String> present() throws IOException {
        List<String> present = new ArrayList<>(single.keySet());
        for (Map.Entry<String, Path> folder : folders.entrySet()) {
            if (!Files.isDirectory(folder.getValue())) {
                continue;
            }
            try (Stream<Path> files = Files.walk(folder.getValue(), 2)) {
                files.filter(Files::isRegularFile)
                        .map(file -> folder.getKey() + "/"
                                + folder.getValue().relativize(file).toString().replace('\\', '/'))
                        .filter(name -> find(name) != null)
                        .sorted()
                        .forEach(present::add);
            }
        }
        return present;
    }
}
