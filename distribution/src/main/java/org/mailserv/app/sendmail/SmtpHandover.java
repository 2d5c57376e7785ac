package org.mailserv.app.sendmail;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;

/**
 * Hands messages to the server of this machine, for a program that waits: blocking, one command at a time. It uses the extensions that the
 * server offers, and no others. RFC 5321, 3.3.
 */
public final class SmtpHandover {
    private static final int MAX_LINE = 64 * 1024;

    private final OutputStream out;
    private final InputStream in;
    private final String hostname;
    private final Set<String> extensions = new HashSet<>();
    private String serverName = "";
    private boolean open;
    private String last = "";
    private String acknowledgement = "";

    /** The server refused a command. */
    public static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;
        private final boolean permanent;

        RefusedException(String reply) {
            super(reply);
            this.permanent = reply.startsWith("5");
        }

        boolean permanent() {
            return permanent;
        }
    }

    /**
     * The parameters of a transaction.
     *
     * @param eightBit whether the content may have 8 bits
     * @param notifyOn the value of NOTIFY, or null
     * @param ret the value of RET, or null
     * @param envelopeId the value of ENVID as xtext, or null
     */
    record Wishes(
            boolean eightBit,
            @Nullable String notifyOn,
            @Nullable String ret,
            @Nullable String envelopeId) {
        static final Wishes NONE = new Wishes(true, null, null, null);
    }

    /** A recipient that was refused for good. */
    record Refusal(Address recipient, String reply) {}

    public SmtpHandover(Socket socket, String hostname) throws IOException {
        this.out = new BufferedOutputStream(socket.getOutputStream(), 64 * 1024);
        this.in = new BufferedInputStream(socket.getInputStream());
        this.hostname = hostname;
    }

    /** Reads the greeting and says EHLO, or HELO to a server that knows no other. May be called again. */
    void open() throws IOException, RefusedException {
        if (open) {
            return;
        }
        expect("2");
        List<String> lines;
        try {
            lines = say("EHLO " + hostname, "2");
        } catch (RefusedException e) {
            if (!e.permanent()) {
                throw e;
            }
            lines = say("HELO " + hostname, "2");
        }
        serverName = lines.get(0).split(" ", 2)[0];
        lines.stream().skip(1).forEach(line -> extensions.add(line.split(" ", 2)[0].toUpperCase(Locale.ROOT)));
        open = true;
    }

    /** Returns the name in the server's answer to EHLO. */
    String serverName() {
        return serverName;
    }

    /** Sends a message that is in memory, to recipients that are all expected to be taken. */
    public void send(ReversePath from, Collection<Address> recipients, byte[] message)
            throws IOException, RefusedException {
        List<Refusal> refusals = send(from, recipients, new ByteArrayInputStream(message), Wishes.NONE);
        if (!refusals.isEmpty()) {
            throw new RefusedException(refusals.get(0).reply());
        }
    }

    /**
     * Sends a message to those recipients that the server takes. Where one is refused for now, nothing is sent: the caller tries again.
     *
     * @param message lines end in LF or CRLF
     * @return recipients refused for good, some of several
     * @throws RefusedException where nobody gets the message
     */
    public List<Refusal> send(ReversePath from, Collection<Address> recipients, InputStream message, Wishes wishes)
            throws IOException, RefusedException {
        open();
        say(mail(from, recipients, wishes), "2");
        List<Refusal> refusals = new ArrayList<>();
        for (Address recipient : recipients) {
            String notify = wishes.notifyOn() == null || !offers("DSN") ? "" : " NOTIFY=" + wishes.notifyOn();
            try {
                say("RCPT TO:<" + recipient + ">" + notify, "2");
            } catch (RefusedException e) {
                if (!e.permanent()) {
                    throw e;
                }
                refusals.add(new Refusal(recipient, String.valueOf(e.getMessage())));
            }
        }
        if (refusals.size() == recipients.size()) {
            throw new RefusedException(refusals.get(0).reply());
        }
        say("DATA", "3");
        content(message);
        acknowledgement = last;
        try {
            say("QUIT", "2");
        } catch (IOException | RefusedException e) {
            // The message was taken: that is what counts.
            return refusals;
        }
        return refusals;
    }

    private boolean offers(String extension) {
        return extensions.contains(extension);
    }

    private String mail(ReversePath from, Collection<Address> recipients, Wishes wishes) throws RefusedException {
        Address sender = from.address();
        boolean utf8 =
                sender != null && !sender.isAscii() || recipients.stream().anyMatch(recipient -> !recipient.isAscii());
        if (utf8 && !offers("SMTPUTF8")) {
            throw new RefusedException("550 5.6.7 The server does not take addresses outside ASCII (SMTPUTF8)");
        }
        return "MAIL FROM:<" + (sender == null ? "" : sender) + ">"
                + (wishes.eightBit() && offers("8BITMIME") ? " BODY=8BITMIME" : "")
                + (utf8 ? " SMTPUTF8" : "")
                + (wishes.ret() == null || !offers("DSN") ? "" : " RET=" + wishes.ret())
                + (wishes.envelopeId() == null || !offers("DSN") ? "" : " ENVID=" + wishes.envelopeId());
    }

    /** The last line of the reply to the message. */
    public String acknowledgement() {
        return acknowledgement;
    }

    /** Writes the content with CRLF for each LF, dots doubled, and its end. RFC 5321, 4.5.2. */
    private void content(InputStream message) throws IOException, RefusedException {
        byte[] piece = new byte[64 * 1024];
        int before = '\n';
        for (int count = message.read(piece); count >= 0; count = message.read(piece)) {
            try {
                before = write(piece, count, before);
            } catch (IOException e) {
                // A server that has enough says why before it closes.
                expect("2");
                throw e;
            }
        }
        if (before != '\n') {
            out.write('\r');
            out.write('\n');
        }
        say(".", "2");
    }

    private int write(byte[] piece, int count, int last) throws IOException {
        int before = last;
        for (int i = 0; i < count; i++) {
            int octet = piece[i];
            if (octet == '\n' && before != '\r') {
                out.write('\r');
            } else if (octet == '.' && before == '\n') {
                out.write('.');
            }
            out.write(octet);
            before = octet;
        }
        return before;
    }

    private List<String> say(String command, String expected) throws IOException, RefusedException {
        out.write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        return expect(expected);
    }

    /** Reads a reply, and returns its lines without their codes. */
    private List<String> expect(String first) throws IOException, RefusedException {
        List<String> lines = new ArrayList<>();
        String line;
        do {
            line = line();
            lines.add(line.length() > 4 ? line.substring(4) : "");
        } while (line.length() > 3 && line.charAt(3) == '-');
        last = line;
        if (!line.startsWith(first)) {
            throw new RefusedException(line.substring(0, Math.min(4, line.length())) + String.join(" ", lines));
        }
        return lines;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int octet = in.read();
        while (octet >= 0 && octet != '\n' && line.size() < MAX_LINE) {
            line.write(octet);
            octet = in.read();
        }
        if (octet < 0) {
            throw new IOException("the connection was lost");
        }
        return line.toString(StandardCharsets.UTF_8).stripTrailing();
    }
}
