package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** The least that sends and fetches mail, with every reply looked at. */
final class MailClient implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    private MailClient(int port) throws IOException {
        this(port, "127.0.0.1");
    }

    private MailClient(int port, String source) throws IOException {
        socket = new Socket("127.0.0.1", port, InetAddress.getByName(source), 0);
        socket.setSoTimeout(60_000);
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    }

    /** Sends a message; lines of the text end in LF here. */
    static void send(int port, String from, String text, String... recipients) throws IOException {
        sendFrom("127.0.0.1", port, from, text, recipients);
    }

    /** The same from another address of this machine. */
    static void sendFrom(String source, int port, String from, String text, String... recipients) throws IOException {
        try (MailClient client = new MailClient(port, source)) {
            client.reply("220");
            client.say("EHLO client.test", "250");
            client.say("MAIL FROM:<" + from + ">", "250");
            for (String recipient : recipients) {
                client.say("RCPT TO:<" + recipient + ">", "250");
            }
            client.say("DATA", "354");
            client.say(text.replace("\n.", "\n..").replace("\n", "\r\n") + "\r\n.", "250");
            client.say("QUIT", "221");
        }
    }

    /** All messages of a mailbox, which stay there; lines end in LF. */
    static List<String> fetch(int port, String user, String password) throws IOException {
        try (MailClient client = new MailClient(port)) {
            client.reply("+OK");
            client.say("USER " + user, "+OK");
            client.say("PASS " + password, "+OK");
            int count = Integer.parseInt(client.say("STAT", "+OK").split(" ")[1]);
            List<String> messages = new ArrayList<>();
            for (int i = 1; i <= count; i++) {
                client.say("RETR " + i, "+OK");
                messages.add(client.body());
            }
            client.say("QUIT", "+OK");
            return messages;
        }
    }

    private String body() throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line = in.readLine(); !line.equals("."); line = in.readLine()) {
            text.append(line.startsWith(".") ? line.substring(1) : line).append('\n');
        }
        return text.toString();
    }

    private String say(String command, String expected) throws IOException {
        socket.getOutputStream().write((command + "\r\n").getBytes(ISO_8859_1));
        socket.getOutputStream().flush();
        return reply(expected);
    }

    private String reply(String expected) throws IOException {
        String line = in.readLine();
        while (line != null && line.length() > 3 && line.charAt(3) == '-' && Character.isDigit(line.charAt(0))) {
            line = in.readLine();
        }
        if (line == null || !line.startsWith(expected)) {
            throw new IOException("got \"" + line + "\", expected " + expected);
        }
        return line;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
