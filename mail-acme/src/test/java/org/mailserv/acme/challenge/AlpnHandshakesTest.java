package org.mailserv.acme.challenge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.util.CertificateUtils;

/** Handshakes as the CA makes them: by name, with the protocol {@code acme-tls/1}. RFC 8737, 3. */
@Timeout(30)
class AlpnHandshakesTest {
    private static final String VALIDATION = "1.3.6.1.5.5.7.1.31";

    private final AlpnHandshakes handshakes = new AlpnHandshakes();
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private Channel listener;

    @BeforeEach
    void listen() {
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(handshakes)
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    @AfterEach
    void close() {
        listener.close().syncUninterruptibly();
        group.shutdownGracefully().syncUninterruptibly();
    }

    private static ChallengeSolver.Proof proof(String name, ChallengeSolver.CertificateMaker maker) {
        return new ChallengeSolver.Proof(name, "token", "token.print", "", maker);
    }

    /** Returns a proof whose certificate the library of the ACME client makes, as for a real order. */
    private static ChallengeSolver.Proof proof(String name) {
        return proof(name, key -> {
            try {
                return CertificateUtils.createTlsAlpn01Certificate(key, Identifier.dns(name), new byte[32]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private X509Certificate shake(String name, String protocol) throws Exception {
        X509TrustManager anybody = new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {anybody}, null);
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            parameters.setApplicationProtocols(new String[] {protocol});
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            assertThat(socket.getApplicationProtocol()).isEqualTo(protocol);
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    @Test
    @DisplayName("each name is answered with its own certificate, in any case, until its proof is withdrawn")
    void answers() throws Exception {
        for (String name : List.of("mx.sample.org", "mta-sts.sample.org")) {
            handshakes.publish(proof(name));
        }
        for (String name : List.of("mx.sample.org", "MTA-STS.sample.org")) {
            X509Certificate certificate = shake(name, "acme-tls/1");
            assertThat(certificate.getCriticalExtensionOIDs()).contains(VALIDATION);
            assertThat(certificate.getSubjectAlternativeNames().toString()).containsIgnoringCase(name);
        }
        handshakes.withdraw(proof("mx.sample.org"));
        assertThatThrownBy(() -> shake("mx.sample.org", "acme-tls/1")).isInstanceOf(IOException.class);
        assertThat(shake("mta-sts.sample.org", "acme-tls/1")).isNotNull();
    }

    @Test
    @DisplayName("clients that want another protocol get no certificate")
    void otherProtocols() throws Exception {
        handshakes.publish(proof("mx.sample.org"));
        assertThatThrownBy(() -> shake("mx.sample.org", "http/1.1")).isInstanceOf(IOException.class);
    }

    @Test
    @DisplayName("a certificate that cannot be made is a failure of this name, not of the answer of the CA")
    void failure() {
        assertThatThrownBy(() -> handshakes.publish(proof("mx.sample.org", key -> {
                    throw new IllegalArgumentException("Could not build certificate");
                })))
                .isInstanceOf(IOException.class)
                .hasMessage("the certificate for the handshake cannot be made");
    }
}
