package org.mailserv.server.spool.file;

import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/** A region of a file with several readers. Releasing it ends its hold and does not close the file. */
final class SharedRegion extends DefaultFileRegion {
    private final Runnable release;

    SharedRegion(FileChannel file, long position, long count, Runnable release) {
        super(file, position, count);
        this.release = release;
    }

    @Override
    protected void deallocate() {
        release.run();
    }
}
