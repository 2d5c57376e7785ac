package org.mailserv.app.sendmail;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * SMTP on standard input and output ({@code sendmail -bs}). A caller may write all its commands and its message at once and close: they reach
 * the server one at a time, so that it sees a well-behaved client. Lines may end in LF.
 */
public final class SmtpPipe {
    private static final int MAX_LINE = 64 * 1024;

    private final InputStream commands;
    private final OutputStream replies;
    private final InputStream fromServer;
    private final OutputStream toServer;

    SmtpPipe(InputStream commands, OutputStream replies, Socket server) throws IOException {
        this.commands = new BufferedInputStream(commands, MAX_LINE);
        this.replies = replies;
        this.fromServer = new BufferedInputStream(server.getInputStream());
        this.toServer = new BufferedOutputStream(server.getOutputStream(), MAX_LINE);
    }

    /**
     * Runs the session until QUIT, or until the input or the server ends it.
     *
     * @return whether the input ended between messages: one that stops in the middle of a message is not sent
     */
    boolean run() throws IOException {
        int code = reply();
        while (code > 0 && code != 221 && code != 421) {
            byte[] line = line(commands);
            if (line.length == 0) {
                send("QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
                return true;
            }
            String command = new String(line, StandardCharsets.ISO_8859_1).strip();
            send((command + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            long chunk = chunk(command);
            if (chunk >= 0 && !forward(chunk)) {
                return false;
            }
            code = reply();
            if (code == 354 && command.equalsIgnoreCase("DATA")) {
                if (!content()) {
                    return false;
                }
                code = reply();
            } else if (code == 220 && command.equalsIgnoreCase("STARTTLS")) {
                raw();
                return true;
            }
        }
        return true;
    }

    /** The size of a chunk that follows at once (RFC 3030), or -1. */
    private static long chunk(String command) {
        String[] words = command.toUpperCase(Locale.ROOT).split(" +");
        return words.length > 1 && words[0].equals("BDAT") && words[1].matches("[0-9]{1,18}")
                ? Long.parseLong(words[1])
                : -1;
    }

    private boolean forward(long size) throws IOException {
        byte[] piece = new byte[MAX_LINE];
        for (long left = size; left > 0; ) {
            int count = commands.read(piece, 0, (int) Math.min(piece.length, left));
            if (count < 0) {
                return false;
            }
            toServer.write(piece, 0, count);
            left -= count;
        }
        toServer.flush();
        return true;
    }

    /** Passes content on until the line with a dot; false where it does not come. */
    private boolean content() throws IOException {
        boolean atStart = true;
        while (true) {
            byte[] line = line(commands);
            if (line.length == 0) {
                return false;
            }
            boolean ends = line[line.length - 1] == '\n';
            boolean crlf = line.length > 1 && line[line.length - 2] == '\r';
            int text = ends ? line.length - (crlf ? 2 : 1) : line.length;
            toServer.write(line, 0, text);
            if (ends) {
                toServer.write('\r');
                toServer.write('\n');
            }
            if (atStart && ends && text == 1 && line[0] == '.') {
                toServer.flush();
                return true;
            }
            atStart = ends;
        }
    }

    /** From here on only the two ends know what is said. */
    private void raw() throws IOException {
        Thread up = new Thread(
                () -> {
                    try {
                        byte[] piece = new byte[MAX_LINE];
                        for (int count = commands.read(piece); count >= 0; count = commands.read(piece)) {
                            toServer.write(piece, 0, count);
                            toServer.flush();
                        }
                    } catch (IOException e) {
                        // The server has closed: its last words are what counts.
                        return;
                    }
                },
                "sendmail-in");
        up.setDaemon(true);
        up.start();
        byte[] piece = new byte[MAX_LINE];
        for (int count = fromServer.read(piece); count >= 0; count = fromServer.read(piece)) {
            replies.write(piece, 0, count);
            replies.flush();
        }
    }

    private void send(byte[] octets) throws IOException {
        toServer.write(octets);
        toServer.flush();
    }

    /** Passes a reply on; its code, or 0 where the server has closed. */
    private int reply() throws IOException {
        toServer.flush();
        while (true) {
            byte[] line = line(fromServer);
            replies.write(line);
            replies.flush();
            String text = new String(line, StandardCharsets.ISO_8859_1).strip();
            if (line.length == 0) {
                return 0;
            } else if (text.matches("[0-9]{3}( .*)?")) {
                return Integer.parseInt(text.substring(0, 3));
            }
        }
    }

    private static byte[] line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int octet = in.read();
        while (octet >= 0) {
            line.write(octet);
            if (octet == '\n' || line.size() >= MAX_LINE) {
                break;
            }
            octet = in.read();
        }
        return line.toByteArray();
    }
}
