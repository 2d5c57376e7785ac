package org.mailserv.server.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that people and programs edit at the same time. */
class EditedFileTest {
    @TempDir
    Path folder;

    @Test
    @DisplayName("A change that a person saves meanwhile is kept, and the own change is applied to it")
    void editByHand() throws IOException {
        Path path = folder.resolve("users");
        Files.writeString(path, "a\n");
        List<String> seen = new ArrayList<>();
        boolean changed = new EditedFile(path, new RealDisk()).edit(lines -> {
            seen.add(String.join(",", lines));
            if (seen.size() == 1) {
                try {
                    Files.writeString(path, "a\nby hand\n");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return lines.add("own");
        });
        assertThat(changed).isTrue();
        assertThat(seen).containsExactly("a", "a,by hand");
        assertThat(Files.readAllLines(path)).containsExactly("a", "by hand", "own");
    }

    @Test
    @DisplayName("Permissions and a symbolic link are kept; a new file belongs to its owner alone")
    void permissionsAndLinks() throws IOException {
        Path path = folder.resolve("real");
        Files.writeString(path, "a\n");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-r--"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), path);
        new EditedFile(link, new RealDisk()).edit(lines -> lines.add("b"));
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(Files.readAllLines(path)).containsExactly("a", "b");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-rw-r--");
        Path fresh = folder.resolve("new");
        new EditedFile(fresh, new RealDisk()).edit(lines -> lines.add("b"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh)))
                .isEqualTo("rw-------");
    }

    @Test
    @DisplayName("Threads take turns, and no change is lost")
    void threads() throws Exception {
        Path path = folder.resolve("users");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String name = "user" + i;
            Thread thread = new Thread(() -> {
                try {
                    for (int j = 0; j < 10; j++) {
                        String line = name + "-" + j;
                        new EditedFile(path, new RealDisk()).edit(lines -> lines.add(line));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(Files.readAllLines(path)).hasSize(40);
    }
}
