package org.mailserv.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.mailserv.server.disk.RealDisk;

/** Whatever stands in a users file: users and complaints come of it, each of one line; and no password fits by accident. */
class UsersFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void passwd(byte[] data) throws Exception {
        Path file = Files.createTempFile("users", ".fuzz");
        try {
            Files.write(file, data);
            UsersFile.Content content = new UsersFile(file, new RealDisk()).read();
            assertThat(content.problems()).noneMatch(problem -> problem.contains("\n"));
        } finally {
            Files.delete(file);
        }
    }

    @FuzzTest(maxDuration = "2m")
    void hashes(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        if (!text.toUpperCase(Locale.ROOT).startsWith("{PLAIN") && text.length() < 200 && !text.contains("i=")) {
            assertThat(PasswordScheme.verify(text, "correct horse")).isFalse();
        }
    }
}
