package org.mailserv.app.server;

import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.mailserv.server.text.Addresses;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reserves file descriptors for storing and delivering mail, which connections must not exhaust. */
public final class FileHandles {
    private static final Logger LOG = LoggerFactory.getLogger(FileHandles.class);
    // The journal, logs, the class path, mailboxes that are being written or read, look-ups.
    private static final long OWN = 150;
    // A socket and the message that is read for it.
    private static final long FOR_OUTGOING = 2;
    private static final long PAUSE_MILLIS = 1_000;
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String OPEN_FILES = "Max open files";

    private FileHandles() {}

    /** Returns the maximum number of connections that the open-file limit allows, at most {@code wanted}. */
    static int connections(int wanted, int outgoing) {
        return connections(wanted, outgoing, handles());
    }

    /** Logs a warning if the open-file limit allows fewer connections than wanted. */
    static void warn(int wanted, int outgoing) {
        int room = connections(wanted, outgoing);
        if (room < wanted) {
            LOG.warn(
                    "event=few-file-handles handles={} net.max-connections={} connections={} advice=\"raise ulimit -n"
                            + " (LimitNOFILE)\"",
                    handles(),
                    wanted,
                    room);
        }
    }

    /** Returns the open-file limit of this process, or a negative number if it is unknown. */
    private static long handles() {
        try {
            return handles(Files.readAllLines(LIMITS));
        } catch (IOException e) {
            return handlesByTheJvm();
        }
    }

    /** Parses {@code /proc/self/limits}: name, soft limit, hard limit and unit per line. */
    static long handles(List<String> limits) {
        for (String line : limits) {
            if (line.startsWith(OPEN_FILES)) {
                String soft = line.substring(OPEN_FILES.length()).trim().split(" ", 2)[0];
                return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
            }
        }
        return -1;
    }

    /** Asks the JVM on other systems than Linux. Its beans are some sixty classes, which a start on Linux need not load. */
    private static long handlesByTheJvm() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount()
                : -1;
    }

    static int connections(int wanted, int outgoing, long handles) {
        long reserve = Math.min(OWN + FOR_OUTGOING * outgoing, handles / 2);
        long room = handles - reserve;
        return handles <= 0 || room >= wanted ? wanted : (int) room;
    }

    /** Logs why a connection could not be accepted, pauses the listener for a second, and resumes. For the channel of a listener. */
    @ChannelHandler.Sharable
    static final class AcceptFailures extends ChannelInboundHandlerAdapter {
        private static final long LOG_EVERY = TimeUnit.SECONDS.toNanos(10);
        private final AtomicLong loggedAt = new AtomicLong(System.nanoTime() - LOG_EVERY);

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) throws Exception {
            if (!(cause instanceof IOException)) {
                super.exceptionCaught(context, cause);
                return;
            }
            long now = System.nanoTime();
            long last = loggedAt.get();
            if (now - last >= LOG_EVERY && loggedAt.compareAndSet(last, now)) {
                LOG.error(
                        "event=accept-failed address={} reason=\"{}\" advice=\"raise ulimit -n (LimitNOFILE), or lower"
                                + " net.max-connections\"",
                        Addresses.text(context.channel().localAddress()),
                        Failures.text(cause));
            }
            if (context.channel().config().isAutoRead()) {
                context.channel().config().setAutoRead(false);
                context.channel()
                        .eventLoop()
                        .schedule(
                                () -> context.channel().config().setAutoRead(true),
                                PAUSE_MILLIS,
                                TimeUnit.MILLISECONDS);
            }
        }
    }
}
