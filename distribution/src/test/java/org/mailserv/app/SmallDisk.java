package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A disk of its own for a folder, in memory. Skips the test where there is no right to mount one. */
final class SmallDisk implements AutoCloseable {
    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** @param size as mount wants it */
    static SmallDisk mount(Path folder, String size) throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
        boolean mounted =
                Tools.attempt(List.of("mount", "-t", "tmpfs", "-o", "size=" + size, "none", folder.toString()))
                                .code()
                        == 0;
        assumeTrue(mounted, "no right to mount a file system");
        return new SmallDisk(folder);
    }

    private Path ballast() {
        return folder.resolve("ballast");
    }

    /** To the last octet. */
    void fill() throws IOException {
        try (OutputStream fill = Files.newOutputStream(ballast())) {
            byte[] block = new byte[4096];
            while (true) {
                fill.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    /** Until no more than so many octets are free. */
    void fillBut(long octets) throws IOException {
        try (OutputStream fill = Files.newOutputStream(ballast())) {
            byte[] block = new byte[4096];
            while (Files.getFileStore(folder).getUsableSpace() > octets) {
                fill.write(block);
            }
        }
    }

    void makeRoom() throws IOException {
        Files.delete(ballast());
    }

    void makeReadOnly() throws Exception {
        Tools.run("mount", "-o", "remount,ro", folder.toString());
    }

    void makeWritable() throws Exception {
        Tools.run("mount", "-o", "remount,rw", folder.toString());
    }

    @Override
    public void close() throws Exception {
        Tools.attempt(List.of("umount", "-l", folder.toString()));
    }
}
