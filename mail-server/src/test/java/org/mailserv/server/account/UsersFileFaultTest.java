package org.mailserv.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mailserv.server.disk.FaultyDisk;
import org.mailserv.server.disk.RealDisk;

/** Disks that fail under the users file: it is the old one or the new one, and the new one where that was said. */
class UsersFileFaultTest {
    private static final MailboxName KIM = new MailboxName("example.org", "kim");
    private static final MailboxName DOUG = new MailboxName("example.org", "doug");

    @TempDir
    Path folder;

    private interface Change {
        void make(UsersFile file) throws IOException;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Input/output error", "No space left on device"})
    @DisplayName("U8: at each change of the disk that fails, users are the old ones or the new ones, whole")
    void eachChangeMayFail(String reason) throws IOException {
        int failures = eachChangeOf("password", reason, file -> file.put(KIM, "{PLAIN}new"));
        failures += eachChangeOf("new", reason, file -> file.put(new MailboxName("example.org", "ann"), "{PLAIN}a"));
        failures += eachChangeOf("removed", reason, file -> file.remove(DOUG));
        System.out.println("changes under the users file that failed: " + failures);
    }

    private int eachChangeOf(String name, String reason, Change change) throws IOException {
        String after = contentAfter(folder.resolve(name), new FaultyDisk(), change, "");
        for (int failing = 0; ; failing++) {
            Path root = folder.resolve(name + "-" + failing);
            FaultyDisk disk = new FaultyDisk();
            disk.failAt(failing, reason);
            String content = contentAfter(root, disk, change, after);
            if (disk.changes() <= failing) {
                assertThat(content).isEqualTo(after);
                assertThat(failing).isGreaterThan(3);
                return failing;
            }
            try (Stream<Path> files = Files.list(root)) {
                assertThat(files.filter(path -> !path.endsWith(".users.lock")))
                        .as("no stray when change %d fails", failing)
                        .hasSize(1);
            }
            change.make(new UsersFile(root.resolve("users"), disk));
            assertThat(Files.readString(root.resolve("users"))).isEqualTo(after);
        }
    }

    private static String contentAfter(Path root, FaultyDisk disk, Change change, String after) throws IOException {
        Path path = root.resolve("users");
        UsersFile before = new UsersFile(path, new RealDisk());
        before.put(KIM, "{PLAIN}old");
        before.put(DOUG, "{PLAIN}x");
        String old = Files.readString(path);
        boolean done = false;
        try {
            change.make(new UsersFile(path, disk));
            done = true;
        } catch (IOException e) {
            assertThat(Files.readString(path)).isIn(old, after);
        }
        String content = Files.readString(path);
        assertThat(done && content.equals(old)).as("said and not done").isFalse();
        return content;
    }
}
