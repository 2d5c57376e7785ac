package org.mailserv.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.app.log.MessageTrace;
import org.mailserv.app.log.TraceOutcome;
import org.mailserv.app.sendmail.LocalServer;
import org.mailserv.app.sendmail.SmtpHandover;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.DomainNames;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.header.MailDate;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.pickup.PickupDrop;
import org.mailserv.server.pickup.SharedFolder;
import org.mailserv.server.spool.QueueId;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv test-delivery}: a real message through the running server, followed to its end. */
@Command(
        name = "test-delivery",
        description =
                "Sends a real message through the running server and shows its delivery, with the replies of the other"
                        + " server.",
        mixinStandardHelpOptions = true)
public final class TestDeliveryCommand implements Callable<Integer> {
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "ADDRESS", description = "The recipient.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Option(
            names = "--from",
            paramLabel = "ADDRESS",
            description = "The sender. Default: postmaster of the primary domain.")
    @Nullable
    private String from;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Time to follow the message. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    /** A step of the delivery: {@code taken}, {@code refused}, {@code event} or {@code outcome}. */
    private record Step(String step, String text) {}

    @Override
    public Integer call() throws Exception {
        MailservConfig config = ConfigFile.load(parent.configFile());
        if (!new ControlClient(config.dataDir()).isServerRunning()) {
            throw new StartupException("the server does not run: nothing could be followed");
        }
        String domain = config.primaryDomain() != null
                ? config.primaryDomain()
                : config.domains().keySet().stream().findFirst().orElse(config.hostname());
        Address sender = address(from == null ? "postmaster@" + domain : from);
        Address recipient = address(wanted);
        try {
            if (isDropped(config, recipient)) {
                return drop(config, sender, recipient);
            }
            String reply = submit(config, sender, recipient);
            say("taken", "taken by this server: ", reply);
            return follow(config, reply.substring(reply.lastIndexOf(' ') + 1));
        } catch (SmtpHandover.RefusedException e) {
            say("refused", "refused by this server: ", String.valueOf(e.getMessage()));
            return 1;
        }
    }

    /** Returns whether the listener might refuse to relay for this host, so that the message goes the way of sendmail. */
    private static boolean isDropped(MailservConfig config, Address recipient) {
        boolean local = config.domains().keySet().stream().anyMatch(name -> DomainNames.same(name, recipient.domain()));
        return !local
                && !CidrSet.parse(config.relayNetworks()).contains(InetAddress.getLoopbackAddress())
                && config.pickup().enabled();
    }

    private static String submit(MailservConfig config, Address sender, Address recipient)
            throws IOException, SmtpHandover.RefusedException {
        try (Socket socket = LocalServer.connect(config)) {
            SmtpHandover handover = new SmtpHandover(socket, config.hostname());
            handover.send(
                    new ReversePath(sender), List.of(recipient), message(sender, recipient, UUID.randomUUID() + ""));
            return handover.acknowledgement();
        }
    }

    /** Drops the message into the pickup folder; the trace tells the id that the server gives it. */
    private int drop(MailservConfig config, Address sender, Address recipient) throws IOException {
        Path folder = new DataFolder(config, new RealDisk()).pickup();
        String name = QueueId.random().toString();
        String envelope = "<" + sender + ">\r\n<" + recipient + ">\r\n";
        PickupDrop.write(
                RealDisk.forOthers(SharedFolder.givesGroup(folder) ? "rw-r-----" : "rw-r--r--"),
                folder,
                name,
                envelope.getBytes(StandardCharsets.UTF_8),
                message(sender, recipient, name));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() - end < 0) {
            for (String id :
                    MessageTrace.find(history(config), "file=" + name, 1).keySet()) {
                say("taken", "taken by this server: ", "queued as " + id);
                return follow(config, id);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        say("outcome", "", "not taken from " + folder + " within " + seconds + " s: see the log for pickup-refused");
        return 1;
    }

    private static Path history(MailservConfig config) {
        return config.dataDir().toAbsolutePath().resolve("history");
    }

    private int follow(MailservConfig config, String id) throws IOException {
        Path folder = history(config);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        int shown = 0;
        while (System.nanoTime() - end < 0) {
            Map<String, List<String>> stories = MessageTrace.find(folder, id, 1);
            List<String> lines = stories.getOrDefault(id, List.of());
            for (; shown < lines.size(); shown++) {
                String line = lines.get(shown);
                say("event", "  ", line.replace(" id=" + id, ""));
                TraceOutcome outcome = TraceOutcome.of(line);
                if (outcome != TraceOutcome.NONE) {
                    say("outcome", "", describe(outcome, id));
                    return outcome == TraceOutcome.DELIVERED ? 0 : 1;
                }
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        say("outcome", "", "no end within " + seconds + " s: `mailserv trace " + id + "` tells more later");
        return 1;
    }

    private void say(String step, String label, String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? Json.write(new Step(step, text)) : label + text);
        out.flush();
    }

    private static String describe(TraceOutcome outcome, String id) {
        return switch (outcome) {
            case DELIVERED -> "delivered";
            case DEFERRED -> "put off: the server tries again (`mailserv queue show " + id + "`)";
            case FAILED -> "refused: the sender gets a bounce";
            case NONE -> "";
        };
    }

    private static byte[] message(Address sender, Address recipient, String id) {
        String text = "From: <" + sender + ">\r\nTo: <" + recipient + ">\r\nSubject: Test of delivery\r\nDate: "
                + MailDate.format(Instant.now(), ZoneOffset.UTC) + "\r\nMessage-ID: <" + id + "@"
                + sender.domain() + ">\r\nAuto-Submitted: auto-generated\r\n\r\n"
                + "This message was sent by `mailserv test-delivery`. It needs no answer.\r\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Address address(String text) {
        Address address = PathParser.parseAddress(text);
        if (address == null || address.domain().isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), text + " is no address (expected: user@domain)");
        }
        return address;
    }
}
