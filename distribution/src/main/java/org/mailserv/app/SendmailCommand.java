package org.mailserv.app;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.header.AddressList;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.pickup.PickupDrop;
import org.mailserv.server.spool.QueueId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/**
 * {@code mailserv sendmail}: what cron, git and PHP call. The message goes into the pickup folder where that may be written, else by SMTP
 * to the server on this machine. Exit codes are those of sysexits.h.
 */
@Command(
        name = "sendmail",
        description = "Sends a message from standard input, with the options that programs know.",
        mixinStandardHelpOptions = false)
final class SendmailCommand implements Callable<Integer> {
    static final int EX_USAGE = 64;
    static final int EX_DATAERR = 65;
    static final int EX_UNAVAILABLE = 69;
    static final int EX_TEMPFAIL = 75;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Option(names = "-t", description = "Recipients are in To, Cc and Bcc.")
    boolean fromHeader;

    @Option(
            names = {"-i", "-oi"},
            description = "A line with a dot alone does not end the message.")
    boolean ignoreDots;

    @Option(
            names = {"-f", "-r"},
            paramLabel = "ADDRESS",
            description = "The sender.")
    @Nullable
    String sender;

    @Option(names = "-F", paramLabel = "NAME", description = "The sender's name, for a From that is missing.")
    @Nullable
    String fullName;

    @Option(
            names = "-b",
            paramLabel = "MODE",
            description = "m: send (default); s: speak SMTP on standard input.",
            defaultValue = "m")
    String mode = "m";

    @Option(names = "-N", paramLabel = "NOTIFY", description = "never, or success, failure, delay.")
    @Nullable
    String notify;

    @Option(names = "-R", paramLabel = "RET", description = "full or hdrs.")
    @Nullable
    String ret;

    @Option(names = "-V", paramLabel = "ENVID", description = "An id for notices.")
    @Nullable
    String envelopeId;

    @Option(names = "-o", paramLabel = "OPTION", hidden = true, description = "Other options of sendmail, ignored.")
    List<String> ignored = new ArrayList<>();

    @Option(
            names = {"-B", "-O", "-q", "-h", "-L", "-p", "-X", "-A", "-d"},
            arity = "0..1",
            hidden = true)
    List<String> alsoIgnored = new ArrayList<>();

    @Option(
            names = {"-v", "-n", "-G", "-U", "-m", "-s", "-Ac", "-Am"},
            hidden = true)
    boolean[] flags = {};

    @Parameters(paramLabel = "RECIPIENT")
    List<String> recipients = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        MailservConfig config = configuration();
        if (mode.equals("s")) {
            return converse(config);
        } else if (!mode.equals("m")) {
            return fail(EX_USAGE, "-b" + mode + ": not known (expected: -bm or -bs)");
        }
        byte[] message = read(System.in);
        HeaderBlock header = HeaderBlock.read(message);
        String domain = config.hostname();
        List<Address> targets = new ArrayList<>();
        for (String text : recipients) {
            List<Address> parsed = AddressList.parse(text, domain);
            if (parsed.isEmpty()) {
                return fail(EX_DATAERR, text + ": no address");
            }
            targets.addAll(parsed);
        }
        if (fromHeader) {
            for (String name : List.of("To", "Cc", "Bcc")) {
                header.all(name).forEach(field -> targets.addAll(AddressList.parse(field.value(), domain)));
            }
        }
        if (targets.isEmpty()) {
            return fail(EX_USAGE, "no recipients (name them, or use -t)");
        }
        ReversePath from = sender(domain);
        if (from == null) {
            return fail(EX_DATAERR, sender + ": no address");
        }
        byte[] whole = complete(message, header, from, domain);
        Path pickup = new DataFolder(config, new RealDisk()).pickup();
        return Files.isWritable(pickup) ? drop(pickup, from, targets, whole) : submit(config, from, targets, whole);
    }

    /** Users may not read the server's configuration, with its secrets: the defaults have to do then. */
    private MailservConfig configuration() throws ConfigurationException {
        Path file = parent.configFile();
        return ConfigFile.load(file == null || Files.isReadable(file) ? file : null);
    }

    private byte[] read(InputStream in) throws IOException {
        byte[] all = in.readAllBytes();
        if (ignoreDots) {
            return all;
        }
        String text = new String(all, StandardCharsets.ISO_8859_1);
        int end = text.startsWith(".\n") || text.startsWith(".\r\n") ? 0 : text.indexOf("\n.\n") + 1;
        int crlf = text.indexOf("\n.\r\n") + 1;
        int cut = end > 0 && (crlf == 0 || end < crlf) ? end : crlf;
        return cut > 0 ? text.substring(0, cut).getBytes(StandardCharsets.ISO_8859_1) : all;
    }

    private @Nullable ReversePath sender(String domain) {
        String text = sender;
        if (text == null) {
            text = System.getProperty("user.name", "nobody");
        } else if (text.isEmpty() || text.equals("<>")) {
            return ReversePath.NULL;
        }
        List<Address> parsed = AddressList.parse(text, domain);
        Address address = parsed.isEmpty() ? PathParser.parseAddress(text + "@" + domain) : parsed.get(0);
        return address == null ? null : new ReversePath(address);
    }

    /** Without Bcc, and with a From. */
    private byte[] complete(byte[] message, HeaderBlock header, ReversePath from, String domain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(message.length + 256);
        if (!header.has("From") && !header.fields().isEmpty()) {
            String name = fullName == null ? "" : '"' + fullName.replaceAll("[\"\\\\\\r\\n]", "") + "\" ";
            Address address = from.address();
            String text = address == null ? "MAILER-DAEMON@" + domain : address.toString();
            out.write(("From: " + name + "<" + text + ">\r\n").getBytes(StandardCharsets.UTF_8));
        }
        for (HeaderField field : header.fields()) {
            if (!field.is("Bcc")) {
                out.write(field.raw().getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        boolean blank = message.length > header.length()
                && (message[header.length()] == '\n' || message[header.length()] == '\r');
        if (!blank) {
            out.write('\r');
            out.write('\n');
        }
        out.write(message, header.length(), message.length - header.length());
        return out.toByteArray();
    }

    private int drop(Path pickup, ReversePath from, List<Address> targets, byte[] message) throws IOException {
        StringBuilder head = new StringBuilder("MAILSERV SENDER FILE\r\n");
        Address address = from.address();
        head.append(address == null ? "" : address.wireLocalPart()).append("\r\n");
        head.append(address == null ? "" : address.domain()).append("\r\n");
        targets.forEach(target -> head.append(target.wireLocalPart())
                .append("\r\n")
                .append(target.domain())
                .append("\r\n"));
        Map<String, @Nullable String> facts = new LinkedHashMap<>();
        facts.put("Ret", ret);
        facts.put("Envid", envelopeId);
        for (int i = 1; notify != null && i <= targets.size(); i++) {
            facts.put("Notify-" + i, notify);
        }
        facts.forEach((name, value) -> {
            if (value != null) {
                head.append(name)
                        .append(": ")
                        .append(value.replaceAll("[\\r\\n]", ""))
                        .append("\r\n");
            }
        });
        head.append("<END>\r\n");
        byte[] first = head.toString().getBytes(StandardCharsets.UTF_8);
        // The server may run as another user, who has to read it.
        PickupDrop.write(RealDisk.forOthers(), pickup, QueueId.random().toString(), first, message);
        return 0;
    }

    private static MailservConfig.@Nullable ListenerConfig door(MailservConfig config) {
        return config.listeners().stream()
                .filter(listener -> listener.kind() == MailservConfig.Kind.SMTP)
                .findFirst()
                .orElse(null);
    }

    static Socket connect(MailservConfig config) throws IOException {
        MailservConfig.ListenerConfig door = door(config);
        if (door == null) {
            throw new IOException("no listener of kind smtp");
        }
        boolean any = door.address().equals("*")
                || door.address().equals("0.0.0.0")
                || door.address().equals("::");
        InetAddress host = any ? InetAddress.getLoopbackAddress() : InetAddress.getByName(door.address());
        Socket socket = new Socket(host, door.effectivePort());
        socket.setSoTimeout(300_000);
        return socket;
    }

    private int submit(MailservConfig config, ReversePath from, List<Address> targets, byte[] message) {
        try (Socket socket = connect(config)) {
            return new SmtpHandover(socket, config.hostname()).send(from, targets, message, notify, ret, envelopeId);
        } catch (SmtpHandover.RefusedException e) {
            return fail(e.permanent() ? EX_UNAVAILABLE : EX_TEMPFAIL, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return fail(EX_TEMPFAIL, "the server cannot be reached: " + e.getMessage());
        }
    }

    /** -bs: the program speaks SMTP, and the server answers. */
    private static int converse(MailservConfig config) throws InterruptedException {
        try (Socket socket = connect(config)) {
            Thread up = new Thread(() -> copy(System.in, socket), "sendmail-in");
            up.setDaemon(true);
            up.start();
            socket.getInputStream().transferTo(System.out);
            System.out.flush();
            return 0;
        } catch (IOException e) {
            return fail(EX_TEMPFAIL, "the server cannot be reached: " + e.getMessage());
        }
    }

    private static void copy(InputStream in, Socket socket) {
        try {
            in.transferTo(socket.getOutputStream());
            socket.shutdownOutput();
        } catch (IOException e) {
            // The server has closed: what it said is what counts.
            return;
        }
    }

    private static int fail(int code, String text) {
        System.err.println("sendmail: " + text);
        return code;
    }
}
