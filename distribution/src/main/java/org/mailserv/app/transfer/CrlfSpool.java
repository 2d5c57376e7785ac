package org.mailserv.app.transfer;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.mailserv.server.disk.Disk;
import org.mailserv.server.disk.DiskFile;

/** Holds one message while it is read, in memory while it is small and otherwise in a file. Line ends become CRLF. */
public final class CrlfSpool extends OutputStream {
    private static final int IN_MEMORY = 1 << 20;

    private final Disk disk;
    private final Path file;
    private final MessageDigest digest;
    private final ByteArrayOutputStream memory = new ByteArrayOutputStream(8 * 1024);
    private OutputStream out;
    private boolean inFile;
    private int previous = -1;

    /** @param file created for a large message only; an existing file is replaced */
    CrlfSpool(Disk disk, Path file) {
        this.disk = disk;
        this.file = file;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        out = new DigestOutputStream(memory, digest);
    }

    @Override
    public void write(int octet) throws IOException {
        if (octet == '\n' && previous != '\r') {
            out.write('\r');
        }
        out.write(octet);
        previous = octet;
        if (!inFile && memory.size() > IN_MEMORY) {
            spill();
        }
    }

    private void spill() throws IOException {
        disk.delete(file);
        DiskFile large = disk.create(file);
        inFile = true;
        large.append(ByteBuffer.wrap(memory.toByteArray()));
        memory.reset();
        out = new BufferedOutputStream(
                new DigestOutputStream(Channels.newOutputStream(large.channel()), digest), 64 * 1024);
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            write(octets[i] & 0xFF);
        }
    }

    /** Ends the last line if it has no end, and returns the hash of the message. */
    byte[] complete() throws IOException {
        if (previous == '\r') {
            write('\n');
        } else if (previous != '\n' && previous >= 0) {
            write('\r');
            write('\n');
        }
        out.flush();
        return digest.digest();
    }

    /** Moves the message into its final file, which is created. */
    void moveTo(Path target) throws IOException {
        close();
        if (inFile) {
            disk.rename(file, target);
            inFile = false;
        } else {
            try (DiskFile small = disk.create(target)) {
                small.append(ByteBuffer.wrap(memory.toByteArray()));
            }
        }
    }

    /** Closes and deletes the data written so far. */
    void discard() throws IOException {
        close();
        if (inFile) {
            disk.delete(file);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
