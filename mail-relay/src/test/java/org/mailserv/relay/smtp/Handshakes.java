package org.mailserv.relay.smtp;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.server.testing.TestCertificate;
import org.mailserv.server.tls.AcmeConfig;
import org.mailserv.server.tls.ServerTls;
import org.mailserv.server.tls.TlsConfig;

/** TLS handshakes in memory between our client and our server. */
final class Handshakes {
    private Handshakes() {}

    static ServerTls server(
            Path folder, TlsConfig.Provider provider, String protocol, TestCertificate own, TestCertificate... above)
            throws IOException {
        StringBuilder text = new StringBuilder(own.keyPem()).append(own.certificatePem());
        for (TestCertificate each : above) {
            text.append(each.certificatePem());
        }
        Path file = Files.writeString(Files.createTempFile(folder, "server", ".pem"), text);
        return new ServerTls(
                new TlsConfig(
                        List.of(new TlsConfig.CertificateConfig(file, null)),
                        provider,
                        List.of(protocol),
                        List.of(),
                        false,
                        Duration.ofSeconds(30),
                        Duration.ofHours(1),
                        AcmeConfig.disabled()),
                folder,
                "mx.test");
    }

    /** Returns the reason for which the client broke off, or an empty text. */
    static String failure(TlsClients clients, TlsDemand demand, String host, ServerTls server) {
        Throwable cause = cause(clients, demand, host, server);
        return cause == null ? "" : TlsClients.reason(cause);
    }

    /** Returns the exception with which the client broke off, or null. */
    static @Nullable Throwable cause(TlsClients clients, TlsDemand demand, String host, ServerTls server) {
        SslHandler handler = clients.handler(ByteBufAllocator.DEFAULT, host, 25, demand, Duration.ofSeconds(30));
        EmbeddedChannel client = new EmbeddedChannel(handler);
        EmbeddedChannel other = new EmbeddedChannel(server.newHandler(ByteBufAllocator.DEFAULT));
        try {
            boolean moved = true;
            while (moved && !handler.handshakeFuture().isDone()) {
                moved = move(client, other) | move(other, client);
            }
            if (!handler.handshakeFuture().isDone()) {
                return new IllegalStateException("neither side goes on");
            }
            return handler.handshakeFuture().cause();
        } finally {
            finish(client);
            finish(other);
        }
    }

    private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
        from.runPendingTasks();
        boolean moved = false;
        for (Object octets = from.readOutbound(); octets != null; octets = from.readOutbound()) {
            moved = true;
            if (to.isOpen()) {
                to.writeOneInbound(octets);
            } else {
                ReferenceCountUtil.release(octets);
            }
        }
        try {
            to.flushInbound();
        } catch (Exception e) {
            // The failure of a handshake; its future says more.
            return true;
        }
        return moved;
    }

    private static void finish(EmbeddedChannel channel) {
        try {
            channel.finishAndReleaseAll();
        } catch (Exception e) {
            // The failure of the handshake, or a write after it: its future has told of it.
            channel.releaseInbound();
            channel.releaseOutbound();
        }
    }
}
