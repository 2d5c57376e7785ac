package org.mailserv.app.probe;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.mailserv.app.config.MailservConfig;

/** A plain client for {@code doctor}, which sends what a polite client never would. Confined to one thread. */
public final class DoctorClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int MOST_OCTETS = 64 << 10;

    private Socket socket;

    /**
     * An endpoint of the server, and the way in which an outside client reaches it.
     *
     * @param source the local address of the connection
     * @param proxied whether a PROXY header has to name an outside client
     */
    public record Endpoint(MailservConfig.Kind kind, InetSocketAddress address, InetAddress source, boolean proxied) {
        @Override
        public String toString() {
            return kind.name().toLowerCase(Locale.ROOT) + " "
                    + address.getAddress().getHostAddress() + ":" + address.getPort();
        }
    }

    /** Connects to the endpoint. */
    DoctorClient(Endpoint endpoint) throws IOException {
        socket = new Socket();
        try {
            socket.bind(new InetSocketAddress(endpoint.source(), 0));
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            socket.connect(endpoint.address(), PATIENCE_MILLIS);
            if (endpoint.proxied()) {
                // TEST-NET-1 (RFC 5737) belongs to nobody, so nobody trusts it.
                send("PROXY TCP4 192.0.2.1 192.0.2.2 40000 25\r\n");
            }
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    void send(String octets) throws IOException {
        socket.getOutputStream().write(octets.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /** Sends a command, and returns the whole reply with its lines separated by " / ". */
    String say(String command) throws IOException {
        send(command + "\r\n");
        return reply();
    }

    /** Returns the next SMTP reply or POP3 line. */
    String reply() throws IOException {
        StringBuilder lines = new StringBuilder();
        String line = line();
        while (line.length() > 3 && line.charAt(3) == '-' && Character.isDigit(line.charAt(0))) {
            lines.append(line).append(" / ");
            line = line();
        }
        return lines.append(line).toString();
    }

    private String line() throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                return line.size() == 0 ? "(closed)" : line.toString(StandardCharsets.ISO_8859_1);
            } else if (line.size() > MOST_OCTETS) {
                throw new IOException("a line without an end");
            } else if (octet != '\r') {
                line.write(octet);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Returns unsolicited data received within a time; empty if there is none or the connection ends. */
    String unasked(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            String line = line();
            return line.equals("(closed)") ? "" : line;
        } catch (SocketTimeoutException e) {
            return "";
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /** Starts TLS. Any certificate is accepted here; the tests examine it afterwards. */
    SSLSession secure(String serverName) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
            SSLSocket secured =
                    (SSLSocket) context.getSocketFactory().createSocket(socket, serverName, socket.getPort(), true);
            if (serverName.indexOf('.') > 0) {
                SSLParameters parameters = secured.getSSLParameters();
                parameters.setServerNames(List.of(new SNIHostName(serverName)));
                secured.setSSLParameters(parameters);
            }
            secured.startHandshake();
            socket = secured;
            return secured.getSession();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
