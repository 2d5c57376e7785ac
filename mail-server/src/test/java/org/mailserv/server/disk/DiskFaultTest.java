package org.mailserv.server.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiskFaultTest {
    @ParameterizedTest(name = "error number {0}: {1}")
    @CsvSource({"28, NO_SPACE", "122, QUOTA", "30, READ_ONLY", "5, OTHER", "13, OTHER", "24, OTHER", "2, OTHER"})
    @DisplayName("the kind of a fault is that of the system's text for its number, in whatever language that is")
    void bySystemText(int number, DiskFault expected) {
        String text = DiskFault.ofSystem(number);
        assumeTrue(text != null, "the C library cannot be asked here");
        assertThat(DiskFault.of(new IOException(text))).isEqualTo(expected);
        assertThat(DiskFault.of(new FileSystemException("/spool/x", null, text)))
                .isEqualTo(expected);
        assertThat(DiskFault.of(new CompletionException(new IOException("write failed", new IOException(text)))))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "No space left on device, NO_SPACE",
        "Disk quota exceeded, QUOTA",
        "Read-only file system, READ_ONLY",
        "Input/output error, OTHER"
    })
    void byEnglishText(String text, DiskFault expected) {
        assertThat(DiskFault.of(new IOException(text))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"No space left on device", "Disk quota exceeded"})
    @DisplayName("the name of a file says nothing")
    void notByName(String name) {
        assertThat(DiskFault.of(new AccessDeniedException("/mail/" + name))).isEqualTo(DiskFault.OTHER);
        assertThat(DiskFault.of(new FileSystemException(name, name, "Input/output error")))
                .isEqualTo(DiskFault.OTHER);
        assertThat(DiskFault.of(new IOException())).isEqualTo(DiskFault.OTHER);
    }
}
