package org.mailserv.app.sendmail;

import static org.mailserv.app.sendmail.SendmailException.EX_CONFIG;
import static org.mailserv.app.sendmail.SendmailException.EX_DATAERR;
import static org.mailserv.app.sendmail.SendmailException.EX_IOERR;
import static org.mailserv.app.sendmail.SendmailException.EX_NOUSER;
import static org.mailserv.app.sendmail.SendmailException.EX_SOFTWARE;
import static org.mailserv.app.sendmail.SendmailException.EX_TEMPFAIL;
import static org.mailserv.app.sendmail.SendmailException.EX_UNAVAILABLE;
import static org.mailserv.app.sendmail.SendmailException.EX_USAGE;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.Main;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.address.Xtext;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.text.Failures;

/**
 * The program that cron, git, PHP and mail programs call as {@code /usr/sbin/sendmail}. The message goes into the pickup folder if this
 * user may write there, otherwise by SMTP to the server on this machine. Exit codes are those of sysexits.h.
 */
public final class Sendmail {
    private static final int MAX_ENVELOPE_ID = 100;

    private final @Nullable Path configFile;
    private final InputStream in;
    private final OutputStream out;
    private final PrintStream err;

    /** Creates the program with its streams and its configuration file, which is null for the development server. */
    public Sendmail(@Nullable Path configFile, InputStream in, OutputStream out, PrintStream err) {
        this.configFile = configFile;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** Runs the program, and returns its exit code. */
    public int run(List<String> arguments) {
        try {
            return dispatch(SendmailOptions.parse(arguments));
        } catch (SendmailOptions.UsageException e) {
            return fail(EX_USAGE, Failures.text(e));
        } catch (SendmailException e) {
            drain();
            return fail(e.code(), Failures.text(e));
        } catch (ConfigurationException e) {
            e.problems().forEach(line -> fail(EX_CONFIG, line));
            return EX_CONFIG;
        } catch (IOException e) {
            return fail(EX_TEMPFAIL, Failures.text(e) + " (the message was not sent)");
        } catch (RuntimeException e) {
            return fail(EX_SOFTWARE, Failures.text(e) + " (the message was not sent)");
        }
    }

    /** Reads the rest of the input, because a caller that is still writing would be killed by a broken pipe. */
    private void drain() {
        try {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // The caller has gone, so nothing is left to protect.
            return;
        }
    }

    private int fail(int code, @Nullable String text) {
        err.println("sendmail: " + text);
        return code;
    }

    private int dispatch(SendmailOptions options)
            throws SendmailException, SendmailOptions.UsageException, ConfigurationException, IOException {
        options.ignored()
                .forEach(word -> err.println("sendmail: warning: option " + word + " is unknown, and ignored"));
        if (options.help()) {
            out.write(USAGE.getBytes(StandardCharsets.UTF_8));
            out.flush();
            return 0;
        }
        String named = options.config();
        Path file = named == null ? configFile : Path.of(named);
        if (options.isFlush()) {
            return command(file, "queue", "retry", "--all");
        }
        switch (options.mode()) {
            case "m" -> {
                int code = send(options, configuration(file));
                if (code != 0) {
                    drain();
                }
                return code;
            }
            case "s" -> {
                return converse(configuration(file));
            }
            case "p" -> {
                return list(file);
            }
            case "i" -> {
                // The server reads aliases again when they change.
                return 0;
            }
            case "v" -> {
                return verify(options, configuration(file));
            }
            default ->
                throw new SendmailOptions.UsageException("-b" + options.mode()
                        + ": not supported (expected: -bm, -bs, -bp, -bi or -bv; `mailserv run` starts the server)");
        }
    }

    /**
     * Returns the configuration, or null if this user may not read it because of its secrets. The server on this machine supplies the rest
     * then.
     */
    private static @Nullable MailservConfig configuration(@Nullable Path file) throws ConfigurationException {
        return file != null && Files.exists(file) && !Files.isReadable(file) ? null : ConfigFile.load(file);
    }

    private int list(@Nullable Path file) throws SendmailException, ConfigurationException {
        Integer code = new SharedQueue(out).list(configuration(file));
        return code != null ? code : command(file, "queue", "list");
    }

    private static int command(@Nullable Path file, String... words) {
        List<String> all = new ArrayList<>();
        if (file != null) {
            all.add("--config");
            all.add(file.toString());
        }
        all.addAll(List.of(words));
        String[] line = all.toArray(new String[0]);
        int code = Main.commandLine(line).execute(line);
        return code == 0 || code >= EX_USAGE && code <= EX_CONFIG ? code : EX_UNAVAILABLE;
    }

    private LocalMessage.Named named(SendmailOptions options, String domain) throws SendmailException {
        LocalMessage.Named named = new LocalMessage.Named(new LinkedHashSet<>(), new ArrayList<>());
        for (String word : options.recipients()) {
            int before = named.addresses().size();
            LocalMessage.read(octets(word), domain, named);
            if (!named.unreadable().isEmpty()
                    || before == 0 && named.addresses().isEmpty()) {
                throw new SendmailException(EX_DATAERR, word + ": not an address (expected: user@domain)");
            }
        }
        return named;
    }

    private static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private int send(SendmailOptions options, @Nullable MailservConfig config)
            throws SendmailException, SendmailOptions.UsageException, IOException {
        String domain = LocalRecipients.domain(config);
        LocalMessage.Named named = named(options, domain);
        if (named.addresses().isEmpty() && !options.fromHeader()) {
            throw new SendmailOptions.UsageException(
                    "no recipients (expected: addresses, or -t to take them from the" + " header)");
        }
        InputStream all = new CallersInput(options.ignoreDots() ? in : new DotEndedInput(in));
        LocalMessage message = LocalMessage.read(new BufferedInputStream(all, 64 * 1024));
        List<String> unreadable = new ArrayList<>();
        if (options.fromHeader()) {
            LocalMessage.Named inHeader = message.recipients(domain);
            named.addresses().addAll(inHeader.addresses());
            unreadable.addAll(inHeader.unreadable());
        }
        if (named.addresses().isEmpty()) {
            throw unreadable.isEmpty()
                    ? new SendmailException(EX_USAGE, "no recipients in the header (expected: To, Cc or Bcc)")
                    : new SendmailException(EX_DATAERR, unreadable.get(0) + ": not an address (expected: user@domain)");
        }
        Set<Address> recipients = new LinkedHashSet<>(named.addresses());
        List<Address> unknown = LocalRecipients.unknown(config, recipients);
        unknown.forEach(recipients::remove);
        unknown.forEach(address -> err.println("sendmail: " + address + ": no such mailbox here"));
        if (recipients.isEmpty()) {
            return EX_NOUSER;
        }
        Draft draft = new Draft(options, domain, sender(options, domain), recipients, message, wishes(options));
        int code = new MailHandover(config, err).handOver(draft);
        unreadable.forEach(text -> err.println("sendmail: " + text + ": not an address; the others get the message"));
        return code != 0 ? code : !unknown.isEmpty() ? EX_NOUSER : unreadable.isEmpty() ? 0 : EX_DATAERR;
    }

    private static ReversePath sender(SendmailOptions options, String domain) throws SendmailException {
        String text = options.sender();
        if (text == null) {
            text = LocalUser.current(System.getenv()).login();
        } else if (text.isBlank() || text.strip().equals("<>")) {
            return ReversePath.NULL;
        }
        LocalMessage.Named named = new LocalMessage.Named(new LinkedHashSet<>(), new ArrayList<>());
        LocalMessage.read(octets(text), domain, named);
        if (named.addresses().size() != 1 || !named.unreadable().isEmpty()) {
            throw new SendmailException(EX_DATAERR, "-f " + text + ": not an address (expected: user@domain)");
        }
        return new ReversePath(named.addresses().iterator().next());
    }

    private static SmtpHandover.Wishes wishes(SendmailOptions options) throws SendmailOptions.UsageException {
        String id = options.envelopeId();
        if (id != null) {
            // A value that is valid xtext with something encoded stays unchanged.
            id = id.indexOf('+') >= 0 && Xtext.decode(id) != null ? id : Xtext.encode(id);
            if (id.isEmpty() || id.length() > MAX_ENVELOPE_ID) {
                throw new SendmailOptions.UsageException("-V: not an envelope id (expected: 1 to 100 characters)");
            }
        }
        return new SmtpHandover.Wishes(!options.sevenBit(), options.notifyOn(), options.ret(), id);
    }

    private int verify(SendmailOptions options, @Nullable MailservConfig config)
            throws SendmailException, SendmailOptions.UsageException {
        Set<Address> recipients = named(options, LocalRecipients.domain(config)).addresses();
        if (recipients.isEmpty()) {
            throw new SendmailOptions.UsageException("-bv: no addresses (expected: at least one)");
        }
        List<Address> unknown = LocalRecipients.unknown(config, recipients);
        PrintStream lines = new PrintStream(out, true, StandardCharsets.UTF_8);
        recipients.forEach(address ->
                lines.println(address + (unknown.contains(address) ? "... no such mailbox here" : "... deliverable")));
        return unknown.isEmpty() ? 0 : EX_NOUSER;
    }

    private int converse(@Nullable MailservConfig config) throws IOException, SendmailException {
        try (Socket socket = LocalServer.connect(config)) {
            if (!new SmtpPipe(in, out, socket).run()) {
                throw new SendmailException(EX_IOERR, "the input ended in the middle of a message, which was not sent");
            }
            return 0;
        }
    }

    /** Standard input. A failure is the caller's problem, and a retry does not help. */
    private static final class CallersInput extends FilterInputStream {
        CallersInput(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (IOException e) {
                throw new InputFailedException(e);
            }
        }

        @Override
        public int read(byte[] octets, int offset, int length) throws IOException {
            try {
                return super.read(octets, offset, length);
            } catch (IOException e) {
                throw new InputFailedException(e);
            }
        }
    }

    private static final String USAGE = """
        Usage: sendmail [OPTION...] [RECIPIENT...]
        Sends the message on standard input.

          -t            Recipients are in To, Cc and Bcc, besides those named
          -i, -oi       A line with a dot alone does not end the message
          -f, -r ADDR   The sender; <> for none
          -F NAME       The sender's name, for a From field that is missing
          -N WHEN       Notices: never, or success, failure, delay
          -R full|hdrs  How much of the message a bounce returns
          -V ID         An id for notices
          -B 7BIT       The message has 7 bits
          -bs           Speaks SMTP on standard input and output
          -bp           Lists the queue (mailq)
          -bv           Says whether addresses are known
          -bi, -I       Does nothing: aliases are read when they change (newaliases)
          -q            Tries all messages of the queue now
          --config FILE The configuration

        Other options of sendmail, Postfix and Exim are taken and ignored. Exit codes are those of sysexits.h.
        """;
}
