package org.mailserv.server.spool.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.server.disk.RealDisk;

/** Whatever the umask: nobody else on the machine reads mail. */
class FileModesTest {
    @TempDir
    Path folder;

    @Test
    @DisplayName("folders are 0700 and files 0600, of the journal, the queue, large messages and mailboxes")
    void modes() throws Exception {
        String large = "Subject: x\r\n\r\n" + "y".repeat(10_000) + "\r\n";
        try (SpoolFixture fixture = new SpoolFixture(folder, new RealDisk(), Duration.ofMinutes(1))) {
            SpoolFixture.get(fixture.accept("x\r\n", SpoolFixture.local(SpoolFixture.DOUG)));
            SpoolFixture.get(fixture.accept(large, SpoolFixture.remote("a@far.example")));
            look(4);
        }
        look(3);
    }

    private void look(int least) throws Exception {
        int files = 0;
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> below = all.filter(path -> !path.equals(folder)).toList();
            for (Path path : below) {
                boolean directory = Files.isDirectory(path);
                files += directory ? 0 : 1;
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .as(path.toString())
                        .isEqualTo(directory ? "rwx------" : "rw-------");
            }
        }
        assertThat(files).isGreaterThanOrEqualTo(least - 1);
    }
}
