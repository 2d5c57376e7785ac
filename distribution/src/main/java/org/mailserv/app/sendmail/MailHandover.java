package org.mailserv.app.sendmail;

import static org.mailserv.app.sendmail.SendmailException.EX_IOERR;
import static org.mailserv.app.sendmail.SendmailException.EX_TEMPFAIL;
import static org.mailserv.app.sendmail.SendmailException.EX_UNAVAILABLE;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.SequenceInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.pickup.PickupDrop;
import org.mailserv.server.pickup.SharedFolder;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.text.Failures;

/** Submits a message to the server: as a file in its pickup folder, whether it runs or not, or by SMTP if this user may not write there. */
public final class MailHandover {
    private final @Nullable MailservConfig config;
    private final PrintStream err;

    /** @param config null if this user may not read it */
    MailHandover(@Nullable MailservConfig config, PrintStream err) {
        this.config = config;
        this.err = err;
    }

    /** Submits the message and returns the exit code, which is 0 only if the server has all of it. */
    int handOver(Draft draft) throws SendmailException, IOException {
        Path pickup = pickup();
        return pickup != null && Files.isWritable(pickup) ? drop(pickup, draft) : submit(draft);
    }

    private @Nullable Path pickup() {
        MailservConfig known = config;
        if (known == null) {
            return SharedFolder.PACKAGED;
        }
        return known.pickup().enabled() ? new DataFolder(known, new RealDisk()).pickup() : null;
    }

    /** Returns the server's name, or an empty string if only the server knows it. */
    private String hostname() {
        return config == null ? "" : config.hostname();
    }

    private static String thisHost() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private int drop(Path pickup, Draft draft) throws IOException, SendmailException {
        byte[] head = head(draft).getBytes(StandardCharsets.UTF_8);
        byte[] header = draft.header(hostname(), hostname());
        InputStream whole = new SequenceInputStream(Collections.enumeration(List.of(
                new ByteArrayInputStream(head),
                new ByteArrayInputStream(header),
                draft.message().body())));
        long most = config == null ? Long.MAX_VALUE : config.smtp().maxMessageSize();
        try {
            // The server may run as another user, who must be able to read the file, whatever the umask of this one.
            RealDisk disk = RealDisk.forOthers(SharedFolder.givesGroup(pickup) ? "rw-r-----" : "rw-r--r--");
            PickupDrop.write(disk, pickup, QueueId.random().toString(), new Bounded(whole, most));
            return 0;
        } catch (TooBigException e) {
            throw new SendmailException(EX_UNAVAILABLE, Failures.text(e));
        } catch (InputFailedException e) {
            throw new SendmailException(EX_IOERR, Failures.text(e));
        } catch (IOException e) {
            throw new SendmailException(EX_TEMPFAIL, pickup + ": " + Failures.text(e) + " (the message was not sent)");
        }
    }

    private static String head(Draft draft) {
        StringBuilder head = new StringBuilder("MAILSERV SENDER FILE\r\n");
        Address sender = draft.sender().address();
        line(head, sender == null ? "" : sender.wireLocalPart());
        line(head, sender == null ? "" : sender.domain());
        draft.recipients().forEach(recipient -> {
            line(head, recipient.wireLocalPart());
            line(head, recipient.domain());
        });
        fact(head, "Ret", draft.wishes().ret());
        fact(head, "Envid", draft.wishes().envelopeId());
        for (int i = 1; i <= draft.recipients().size(); i++) {
            fact(head, "Notify-" + i, draft.wishes().notifyOn());
        }
        line(head, "<END>");
        return head.toString();
    }

    private static void line(StringBuilder head, String text) {
        head.append(text).append("\r\n");
    }

    private static void fact(StringBuilder head, String name, @Nullable String value) {
        if (value != null) {
            line(head, name + ": " + value);
        }
    }

    private int submit(Draft draft) throws SendmailException {
        try (Socket socket = LocalServer.connect(config)) {
            SmtpHandover handover = new SmtpHandover(socket, config == null ? thisHost() : hostname());
            handover.open();
            String domain = draft.domain().isEmpty() ? handover.serverName() : draft.domain();
            byte[] header = draft.header(domain, domain);
            InputStream message = new SequenceInputStream(
                    new ByteArrayInputStream(header), draft.message().body());
            ReversePath sender = draft.sender();
            List<SmtpHandover.Refusal> refusals = handover.send(sender, draft.recipients(), message, draft.wishes());
            refusals.forEach(refusal -> err.println("sendmail: " + refusal.recipient() + ": " + refusal.reply()));
            return refusals.isEmpty()
                    ? 0
                    : SendmailException.codeOf(refusals.get(0).reply());
        } catch (SmtpHandover.RefusedException e) {
            throw new SendmailException(SendmailException.codeOf(reply(e)), "the server refused it: " + reply(e));
        } catch (InputFailedException e) {
            throw new SendmailException(EX_IOERR, Failures.text(e));
        } catch (IOException e) {
            throw new SendmailException(
                    EX_TEMPFAIL, "the server cannot be reached: " + Failures.text(e) + " (the message was not sent)");
        }
    }

    private static String reply(SmtpHandover.RefusedException refused) {
        return Objects.requireNonNullElse(refused.getMessage(), "");
    }

    /** Thrown if the message is larger than the server accepts. */
    private static final class TooBigException extends IOException {
        private static final long serialVersionUID = 1;

        TooBigException(long most) {
            super("message too big (expected: at most " + most + " octets)");
        }
    }

    /** Fails at the first octet above the limit. The server would refuse the file later, when nobody is there to read the error. */
    private static final class Bounded extends FilterInputStream {
        private final long most;
        private long count;

        Bounded(InputStream in, long most) {
            super(in);
            this.most = most;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] octets, int offset, int length) throws IOException {
            int read = super.read(octets, offset, length);
            count += Math.max(0, read);
            if (count > most) {
                throw new TooBigException(most);
            }
            return read;
        }
    }
}
