package org.mailserv.app.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.jspecify.annotations.Nullable;

/**
 * The log until the configuration is read, and of commands: lines on standard output. Found by Logback as a service. Made by hand, because
 * reading the same from a file of XML takes a sixth of the time until the first banner. Who names a file of his own with Logback's
 * {@code logback.configurationFile} gets that.
 */
public final class StartLogging extends ContextAwareBase implements Configurator {
    private static final String OWN_FILE = "logback.configurationFile";

    private static volatile @Nullable LoggerContext begun;
    private static volatile boolean toStandardError;

    /** Made by Logback. */
    public StartLogging() {}

    /** Sends the log to standard error: a command's standard output is its data. Has an effect before the first line only. */
    public static void toStandardError() {
        toStandardError = true;
    }

    /** Writes what waits to be written, before the process ends. Blocks a moment. */
    public static void end() {
        LoggerContext context = begun;
        if (context != null) {
            context.stop();
        }
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(OWN_FILE) != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        Console console =
                new Console(() -> toStandardError ? System.err : System.out, Logging.lines(context, LogLine.Form.TEXT));
        console.setContext(context);
        console.start();
        LogWriter lines = new LogWriter(context, "start", console);
        lines.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(lines);
        quietenNetty(context);
        begun = context;
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /**
     * Lets Netty log its warnings, but not those that do not concern the operator. One names public DNS servers as a fallback, which are never
     * asked. Another says that the machine has no network card, from which ids of channels are made.
     */
    static void quietenNetty(LoggerContext context) {
        context.getLogger("io.netty").setLevel(Level.WARN);
        context.getLogger("io.netty.util.internal.MacAddressUtil").setLevel(Level.ERROR);
        context.getLogger("com.datastax").setLevel(Level.WARN);
        context.getLogger("io.netty.resolver.dns.DefaultDnsServerAddressStreamProvider")
                .setLevel(Level.ERROR);
    }
}
