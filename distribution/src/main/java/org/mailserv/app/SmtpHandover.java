package org.mailserv.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;

/** Hands one message to the server of this machine, for a program that waits: blocking, and in no hurry. RFC 5321, 3.3. */
final class SmtpHandover {
    private final OutputStream out;
    private final BufferedReader in;
    private final String hostname;
    private String last = "";
    private String acknowledgement = "";

    /** The server said no. */
    static final class RefusedException extends Exception {
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

    SmtpHandover(Socket socket, String hostname) throws IOException {
        this.out = socket.getOutputStream();
        this.in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        this.hostname = hostname;
    }

    int send(
            ReversePath from,
            List<Address> recipients,
            byte[] message,
            @Nullable String notify,
            @Nullable String ret,
            @Nullable String envelopeId)
            throws IOException, RefusedException {
        expect("2");
        say("EHLO " + hostname, "2");
        Address sender = from.address();
        say(
                "MAIL FROM:<" + (sender == null ? "" : sender) + "> BODY=8BITMIME"
                        + (ret == null ? "" : " RET=" + ret.toUpperCase(Locale.ROOT))
                        + (envelopeId == null ? "" : " ENVID=" + envelopeId),
                "2");
        for (Address recipient : recipients) {
            say(
                    "RCPT TO:<" + recipient + ">"
                            + (notify == null ? "" : " NOTIFY=" + notify.toUpperCase(Locale.ROOT)),
                    "2");
        }
        say("DATA", "3");
        out.write(stuffed(message));
        say(".", "2");
        acknowledgement = last;
        say("QUIT", "2");
        return 0;
    }

    /** The last line of the reply to the message. */
    String acknowledgement() {
        return acknowledgement;
    }

    private static byte[] stuffed(byte[] message) {
        String text = new String(message, StandardCharsets.ISO_8859_1)
                .replace("\r\n", "\n")
                .replace("\n", "\r\n");
        String ended = text.isEmpty() || text.endsWith("\n") ? text : text + "\r\n";
        String stuffed = ended.replace("\r\n.", "\r\n..");
        return (stuffed.startsWith(".") ? "." + stuffed : stuffed).getBytes(StandardCharsets.ISO_8859_1);
    }

    private void say(String command, String expected) throws IOException, RefusedException {
        out.write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        expect(expected);
    }

    private void expect(String first) throws IOException, RefusedException {
        String line = in.readLine();
        while (line != null && line.length() > 3 && line.charAt(3) == '-') {
            line = in.readLine();
        }
        if (line == null) {
            throw new IOException("the connection was lost");
        } else if (!line.startsWith(first)) {
            throw new RefusedException(line);
        }
        last = line;
    }
}
