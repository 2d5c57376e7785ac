package org.mailserv.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.X509TrustManager;

/** One connection of a client of SMTP or POP3, in clear or by TLS, which trusts every certificate. */
final class TlsLoad implements AutoCloseable {
    private static final SSLSocketFactory TRUSTING = trusting();

    private Socket socket;
    private BufferedReader in;

    TlsLoad(int port, boolean tls) throws IOException {
        socket = tls ? TRUSTING.createSocket("127.0.0.1", port) : new Socket("127.0.0.1", port);
        opened();
    }

    private TlsLoad(Socket socket) throws IOException {
        this.socket = socket;
        opened();
    }

    /** Opens a connection in clear from another address of this machine. */
    static TlsLoad from(String source, int port) throws IOException {
        return new TlsLoad(new Socket("127.0.0.1", port, InetAddress.getByName(source), 0));
    }

    private static SSLSocketFactory trusting() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new X509TrustManager[] {new TrustAll()}, null);
            return context.getSocketFactory();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void opened() throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
    }

    TlsLoad hello() throws IOException {
        reply("220");
        return say("EHLO client.test", "250");
    }

    TlsLoad startTls() throws IOException {
        say("STARTTLS", "220");
        SSLSocket secure = (SSLSocket) TRUSTING.createSocket(socket, "127.0.0.1", socket.getPort(), true);
        secure.startHandshake();
        socket = secure;
        opened();
        return say("EHLO client.test", "250");
    }

    TlsLoad login(String user) throws IOException {
        byte[] plain = ("\0" + user + "\0secret").getBytes(UTF_8);
        return say("AUTH PLAIN " + Base64.getEncoder().encodeToString(plain), "235");
    }

    TlsLoad message(String from, String to, String text) throws IOException {
        write("MAIL FROM:<" + from + ">\r\nRCPT TO:<" + to + ">\r\nDATA\r\n");
        reply("250");
        reply("250");
        reply("354");
        write(text + "\r\n.\r\n");
        reply("250");
        return this;
    }

    TlsLoad say(String command, String expected) throws IOException {
        write(command + "\r\n");
        reply(expected);
        return this;
    }

    /** Reads an answer of several lines. */
    void multiline(String command) throws IOException {
        say(command, "+OK");
        for (String line = in.readLine(); !".".equals(line); line = in.readLine()) {
            if (line == null) {
                throw new IOException("the connection ended in an answer to " + command);
            }
        }
    }

    private void write(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    void reply(String expected) throws IOException {
        String line = in.readLine();
        while (line != null && line.length() > 3 && line.charAt(3) == '-' && Character.isDigit(line.charAt(0))) {
            line = in.readLine();
        }
        if (line == null || !line.startsWith(expected)) {
            throw new IOException("got \"" + line + "\", expected " + expected);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String type) {}

        @Override
        public java.security.cert.X509Certificate[] getAcceptedIssuers() {
            return new java.security.cert.X509Certificate[0];
        }
    }
}
