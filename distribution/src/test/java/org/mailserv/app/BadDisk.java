package org.mailserv.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.mailserv.server.testing.ForeignPrograms;

/** A disk that is slow or fails from one moment to the next: a library before the C library's ({@code native/baddisk.c}), made with gcc. */
final class BadDisk {
    private static final int EIO = 5;
    private static final int SIZE = 40;

    private final Path library;
    private final Path control;
    private final Path folder;
    private final MappedByteBuffer shared;

    private BadDisk(Path library, Path control, Path folder) throws IOException {
        this.library = library;
        this.control = control;
        this.folder = folder;
        Files.write(control, new byte[SIZE]);
        try (FileChannel channel = FileChannel.open(control, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            shared = channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE);
        }
        shared.order(ByteOrder.nativeOrder());
    }

    /**
     * Healthy at first. Skips the test where a C compiler cannot make a library, or nothing can be preloaded.
     *
     * @param scratch takes the library and what it is told
     * @param folder what is below it is on this disk
     */
    static BadDisk make(Path scratch, Path folder) throws Exception {
        Path library = scratch.resolve("baddisk.so");
        Path probe =
                Files.writeString(scratch.resolve("probe.c"), "#include <dlfcn.h>\n#include <stdio.h>\nint probe;\n");
        ForeignPrograms.assumeAble(
                "a C compiler with the headers of the C library",
                "",
                "gcc",
                "-shared",
                "-fPIC",
                "-o",
                scratch.resolve("probe.so").toString(),
                probe.toString(),
                "-ldl");
        Tools.run(
                "gcc",
                "-shared",
                "-fPIC",
                "-O1",
                "-Wall",
                "-o",
                library.toString(),
                Tools.resource("native/baddisk.c").toString(),
                "-ldl");
        return new BadDisk(library, scratch.resolve("baddisk.control"), folder.toRealPath());
    }

    /** For the process whose disk this is. */
    Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD", library.toString(),
                "BAD_DISK_CONTROL", control.toString(),
                "BAD_DISK_FOLDER", folder.toString());
    }

    void delaySyncs(int millis) {
        shared.putInt(0, millis);
    }

    void failSyncs(boolean fail) {
        shared.putInt(4, fail ? EIO : 0);
    }

    void failWrites(boolean fail) {
        shared.putInt(8, fail ? EIO : 0);
    }

    /** Of files and folders, so far. */
    long syncs() {
        return shared.getLong(16);
    }

    /** Of the whole file system, so far. */
    long flushes() {
        return shared.getLong(24);
    }

    /** Calls that failed because of this, so far. */
    long failures() {
        return shared.getLong(32);
    }

    /** What is not in the way of the server tests nothing. */
    void assertInTheWay() {
        assertThat(syncs()).as("syncs that went through the library").isPositive();
    }
}
