package org.mailserv.app.cli;

import ch.qos.logback.classic.LoggerContext;
import io.netty.channel.epoll.Epoll;
import io.netty.handler.ssl.OpenSsl;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.Version;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.EnvironmentSettings;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.ServerOptions;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.log.Logging;
import org.mailserv.app.server.HostProcess;
import org.mailserv.app.server.MailServer;
import org.mailserv.app.server.OutOfMemoryExit;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.text.Addresses;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/** A run of the server in this process, from its start to a signal or a request to stop. */
final class ServerRun {
    private static final Logger LOG = LoggerFactory.getLogger(ServerRun.class);

    private ServerRun() {}

    /** Loads the TLS library and the native transport on another thread while the configuration is read. */
    private static void warmUp() {
        Thread thread = new Thread(
                () -> {
                    Epoll.isAvailable();
                    OpenSsl.isAvailable();
                },
                "warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Starts the server and blocks until it has stopped.
     *
     * @param file the configuration, or null for the development server
     * @return the exit code
     */
    static int run(@Nullable Path file, ServerOptions options)
            throws ConfigurationException, StartupException, InterruptedException {
        warmUp();
        MailservConfig config = ConfigFile.load(file, options);
        Logging.apply(config.log());
        tellVariables();
        OutOfMemoryExit.watch();
        MailServer server = MailServer.start(config, new Process(file, options));
        Signal.handle(new Signal("HUP"), signal -> server.reloadFromFile());
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

    /** Logs variables that look like settings but are not. */
    private static void tellVariables() {
        Map<String, String> environment = System.getenv();
        if (environment.keySet().stream().noneMatch(name -> name.startsWith("MAILSERV_"))) {
            return;
        }
        List<String> links = EnvironmentSettings.serviceLinks(environment, ConfigFile.reference());
        if (!links.isEmpty()) {
            LOG.info("event=service-links-ignored variables={} advice=\"enableServiceLinks: false\"", links);
        }
        EnvironmentSettings.unknown(environment, ConfigFile.reference())
                .forEach(name -> LOG.warn("event=unknown-variable name={} reason=\"no such setting\"", name));
    }

    /** This process, which read its configuration from a file. */
    private record Process(@Nullable Path file, ServerOptions options) implements HostProcess {
        @Override
        public MailservConfig load() throws ConfigurationException {
            return ConfigFile.load(file, options);
        }

        /** Exits on a separate thread, because the shutdown waits for the control socket, which the request uses. */
        @Override
        public void exit() {
            new Thread(() -> System.exit(0), "exit").start();
        }
    }

    private static void stop(MailServer server, CountDownLatch stopped) {
        LOG.info("event=stopping");
        server.close();
        LOG.info("event=stopped");
        // The log is written by a separate thread: flush its queue.
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.stop();
        }
        stopped.countDown();
    }

    /** Prints instructions for sending and fetching a first message. */
    private static void printHelp(List<InetSocketAddress> addresses, MailservConfig config) {
        String listening = addresses.stream().map(Addresses::text).collect(Collectors.joining(", "));
        System.out.println("""

            mailserv development server: NOT FOR PRODUCTION (known passwords, no TLS).
            Listening on %s; data in %s
            Accounts: doug, rebecca, kim @the-richardsons.org and kim @sample.org; password "secret"

            Send a message:
              printf 'From: kim@sample.org\\r\\nTo: doug@the-richardsons.org\\r\\nSubject: Hello\\r\\n\\r\\nIt works.\\r\\n' |
                curl -sS smtp://127.0.0.1:2525 --mail-from kim@sample.org --mail-rcpt doug@the-richardsons.org -T -
            Fetch it:
              curl -sS -u doug@the-richardsons.org:secret pop3://127.0.0.1:2110/1

            Stop with Ctrl-C. A configuration of your own: %s -c mailserv.conf
            """.formatted(listening, config.dataDir().toAbsolutePath(), ProgramName.get()));
    }
}
