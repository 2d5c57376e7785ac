package org.mailserv.server.disk;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileNamesTest {
    @TempDir
    Path folder;

    @Test
    @DisplayName("every name is found again by its octets, valid UTF-8 or not")
    void findsEveryName() throws IOException {
        List<byte[]> names = new ArrayList<>(List.of(
                "plain,S=3:2,S".getBytes(UTF_8),
                "%41 +?#".getBytes(UTF_8),
                "gr\u00fc\u00dfe \ud83d\ude00".getBytes(UTF_8),
                "gr\u00fc\u00dfe".getBytes(ISO_8859_1),
                new byte[] {(byte) 0xC3},
                new byte[] {'a', (byte) 0xED, (byte) 0xB2, (byte) 0x80},
                new byte[] {(byte) 0xF0, (byte) 0x9F, (byte) 0x98, '.'}));
        Random random = new Random(3);
        for (int i = 0; i < 100; i++) {
            byte[] name = new byte[1 + random.nextInt(20)];
            for (int j = 0; j < name.length; j++) {
                do {
                    name[j] = (byte) random.nextInt(256);
                } while (name[j] == 0 || name[j] == '/' || name[j] == '.');
            }
            names.add(name);
        }
        for (byte[] name : names) {
            String text = FileNames.text(name);
            assertThat(FileNames.octets(text)).isEqualTo(name);
            Path file = FileNames.resolve(folder, text);
            Files.write(file, name);
            assertThat(FileNames.of(file)).isEqualTo(text);
            assertThat(new RealDisk().list(folder)).contains(text);
            assertThat(Files.readAllBytes(FileNames.resolve(folder, text))).isEqualTo(name);
            Files.delete(file);
        }
    }

    @Test
    @DisplayName("a name in UTF-8 is the text that it was")
    void readsUtf8() {
        assertThat(FileNames.text("gr\u00fc\u00dfe \ud83d\ude00".getBytes(UTF_8)))
                .isEqualTo("gr\u00fc\u00dfe \ud83d\ude00");
    }
}
