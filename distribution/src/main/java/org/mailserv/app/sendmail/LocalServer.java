package org.mailserv.app.sendmail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.MailservConfig;

/** Connects to the SMTP listener of the server on this machine. */
public final class LocalServer {
    private static final int PORT = 25;
    private static final int TIMEOUT_MILLIS = 300_000;

    private LocalServer() {}

    /**
     * Opens a connection. Blocks.
     *
     * @param config null if this user may not read it; port 25 is tried then
     */
    public static Socket connect(@Nullable MailservConfig config) throws IOException {
        MailservConfig.ListenerConfig listener = config == null ? null : listener(config);
        if (config != null && listener == null) {
            throw new IOException("listeners: none of kind smtp (expected: one, for programs on this machine)");
        }
        boolean any = listener == null
                || listener.address().equals("*")
                || listener.address().equals("0.0.0.0")
                || listener.address().equals("::");
        InetAddress host =
                any || listener == null ? InetAddress.getLoopbackAddress() : InetAddress.getByName(listener.address());
        Socket socket = new Socket(host, listener == null ? PORT : listener.effectivePort());
        socket.setSoTimeout(TIMEOUT_MILLIS);
        return socket;
    }

    private static MailservConfig.@Nullable ListenerConfig listener(MailservConfig config) {
        return config.listeners().stream()
                .filter(listener -> listener.kind() == MailservConfig.Kind.SMTP && !listener.isImplicitTls())
                .findFirst()
                .orElse(null);
    }
}
