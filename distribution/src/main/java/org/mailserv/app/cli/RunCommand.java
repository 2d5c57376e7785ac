package org.mailserv.app.cli;

import ch.qos.logback.classic.LoggerContext;
import io.netty.channel.epoll.Epoll;
import io.netty.handler.ssl.OpenSsl;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.Version;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.EnvironmentSettings;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.ServerOptions;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlSocket;
import org.mailserv.app.log.LogFile;
import org.mailserv.app.log.Logging;
import org.mailserv.app.server.MailServer;
import org.mailserv.app.server.OutOfMemoryExit;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.text.Addresses;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;
import sun.misc.Signal;

/** {@code mailserv run}. */
@Command(name = "run", description = "Runs the server (the default).", mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Mixin
    private ServerOptions options = new ServerOptions();

    @Override
    public Integer call() throws Exception {
        return run(parent.configFile(), options.over(parent.options()));
    }

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

    static int run(@Nullable Path file, ServerOptions options)
            throws ConfigurationException, StartupException, InterruptedException {
        warmUp();
        MailservConfig config = ConfigFile.load(file, options);
        Logging.apply(config.log());
        tellVariables();
        OutOfMemoryExit.watch();
        MailServer server = MailServer.start(config);
        openAdmin(server, config, () -> ConfigFile.load(file, options));
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

    /** Reads the configuration again. */
    private interface Loader {
        MailservConfig load() throws ConfigurationException;
    }

    /** Opens the control socket. A server that cannot open it, as on some file systems, serves mail nevertheless. */
    private static void openAdmin(MailServer server, MailservConfig config, Loader loader) {
        Map<String, ControlSocket.Verb> verbs = Map.of(
                "reload",
                        arguments -> arguments.contains("dry-run") ? dryReload(server, loader) : reload(server, loader),
                "stop", arguments -> exit(),
                "sessions", arguments -> sessions(server),
                "reports", arguments -> server.sendReports(),
                "listeners", arguments -> server.describeListeners(),
                "release-account", arguments -> server.release(arguments.get(0), arguments.contains("drop")),
                "backup", arguments -> server.backUp(Path.of(arguments.get(0))) + "\n",
                "queue", arguments -> QueueCommand.serve(server, arguments));
        try {
            server.attach(new ControlSocket(ControlSocket.in(config.dataDir()), verbs));
        } catch (IOException e) {
            LOG.warn("event=admin-socket-failed reason=\"{}\"", Failures.text(e));
        }
        Signal.handle(new Signal("HUP"), signal -> reload(server, loader));
    }

    private static String dryReload(MailServer server, Loader loader) {
        try {
            return server.describeReload(loader.load());
        } catch (ConfigurationException | StartupException | IOException | RuntimeException e) {
            return "failed: the configuration would stay as it is\n" + OneLineErrors.lines(e) + "\n";
        }
    }

    private static String reload(MailServer server, Loader loader) {
        LogFile.reopenAll();
        try {
            List<String> restart = server.reload(loader.load());
            LOG.info("event=reloaded restart-needed={}", restart);
            return restart.isEmpty()
                    ? "reloaded\n"
                    : "reloaded; only after a restart: " + String.join(", ", restart) + "\n";
        } catch (ConfigurationException | StartupException | IOException | RuntimeException e) {
            LOG.error("event=reload-failed reason=\"{}\"", Failures.text(e));
            return "failed: the configuration stays as it was\n" + OneLineErrors.lines(e) + "\n";
        }
    }

    /** Exits on a separate thread, because the shutdown waits for the control socket, which this request uses. */
    private static String exit() {
        new Thread(() -> System.exit(0), "exit").start();
        return "stopping\n";
    }

    private static String sessions(MailServer server) {
        StringBuilder text = new StringBuilder();
        Instant now = Instant.now();
        server.sessions()
                .views()
                .forEach(view -> text.append(view.id())
                        .append(' ')
                        .append(view.kind().label())
                        .append(" peer=")
                        .append(view.peer())
                        .append(" state=")
                        .append(view.state().label())
                        .append(" seconds=")
                        .append(Duration.between(view.since(), now).toSeconds())
                        .append(" in=")
                        .append(view.octetsIn())
                        .append(" out=")
                        .append(view.octetsOut())
                        .append(" command=")
                        .append(view.command())
                        .append('\n'));
        return text.toString();
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

            Stop with Ctrl-C. A configuration of your own: java -jar mailserv.jar --config mailserv.conf
            """.formatted(listening, config.dataDir().toAbsolutePath()));
    }
}
