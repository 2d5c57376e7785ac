package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A session of POP3 that stays open, with the password of all test users. */
final class PopSession implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    PopSession(int port, String user) throws IOException {
        socket = new Socket("127.0.0.1", port);
        try {
            socket.setSoTimeout(60_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
            answer();
            say("USER " + user);
            say("PASS secret");
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private String answer() throws IOException {
        String line = in.readLine();
        if (line == null || !line.startsWith("+OK")) {
            throw new IOException("POP3: " + line);
        }
        return line;
    }

    /** Says a command; fails unless the answer is +OK. */
    String say(String command) throws IOException {
        socket.getOutputStream().write((command + "\r\n").getBytes(ISO_8859_1));
        return answer();
    }

    /** Says a command; returns the lines behind +OK, without the last dot. */
    List<String> lines(String command) throws IOException {
        say(command);
        List<String> lines = new ArrayList<>();
        for (String line = in.readLine(); !".".equals(line); line = in.readLine()) {
            if (line == null) {
                throw new IOException("POP3: the answer ends early");
            }
            lines.add(line);
        }
        return lines;
    }

    void delete(int number) throws IOException {
        say("DELE " + number);
    }

    void quit() throws IOException {
        say("QUIT");
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
