package org.mailserv.server.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSystemFlushTest {
    @Test
    void returns_in_bounded_time(@TempDir Path folder) throws Exception {
        Files.write(folder.resolve("file"), new byte[100_000]);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> new RealDisk().flush(folder, 100));
        assertThat(folder.resolve("file")).hasSize(100_000);
    }

    @Test
    void a_folder_that_is_not_there_is_passed_over(@TempDir Path folder) {
        new RealDisk().flush(folder.resolve("nothing"), 100);
    }
}
