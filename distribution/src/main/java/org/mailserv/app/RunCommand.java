package org.mailserv.app;

import ch.qos.logback.classic.LoggerContext;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.config.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code mailserv run}. */
@Command(name = "run", description = "Runs the server (the default).", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Override
    public Integer call() throws Exception {
        return run(parent.configFile());
    }

    static int run(@Nullable Path file) throws ConfigurationException, StartupException, InterruptedException {
        MailservConfig config = ConfigFile.load(file);
        MailServer server = new MailServer(config);
        server.start();
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, stopped), "shutdown"));
        long millis = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        LOG.info("event=ready version=\"{}\" config={} millis={}", Version.text(), file, millis);
        if (file == null) {
            printHelp(server.addresses(), config);
        }
        stopped.await();
        return 0;
    }

    private static void stop(MailServer server, CountDownLatch stopped) {
        LOG.info("event=stopping");
        server.close();
        LOG.info("event=stopped");
        // The log is written by a thread of its own: what is in its queue has to get out.
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.stop();
        }
        stopped.countDown();
    }

    /** How to send and fetch a first message. */
    private static void printHelp(List<InetSocketAddress> addresses, MailservConfig config) {
        String listening = addresses.stream()
                .map(address -> address.getAddress().getHostAddress() + ":" + address.getPort())
                .collect(Collectors.joining(", "));
        System.out.println("""

                mailserv development server: NOT FOR PRODUCTION (known passwords, no TLS).
                Listening on %s; data in %s
                Accounts: doug, rebecca, kim @the-richardsons.org and kim @sample.org; password "secret"

                Send a message:
                  printf 'From: kim@sample.org\\r\\nTo: doug@the-richardsons.org\\r\\nSubject: Hello\\r\\n\\r\\nIt works.\\r\\n' |
                    curl -sS smtp://127.0.0.1:2525 --mail-from kim@sample.org --mail-rcpt doug@the-richardsons.org -T -
                Fetch it:
                  curl -sS -u doug@the-richardsons.org:secret pop3://127.0.0.1:2110/1

                Stop with Ctrl-C. A configuration of your own: java -jar mailserv.jar --config mailserv.conf
                """.formatted(listening, config.dataDir().toAbsolutePath()));
    }
}
