package org.mailserv.relay.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mailserv.relay.smtp.TlsClients;
import org.mailserv.relay.testing.FakeDns;
import org.mailserv.server.tls.TlsConfig;

@Timeout(60)
class HttpsFetcherTest {
    private static final char[] PASSWORD = "secret".toCharArray();

    @TempDir
    Path folder;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final FakeDns dns = new FakeDns();
    private HttpsServer server;
    private TrustManagerFactory trust;
    private int status = 200;
    private String answer = "version: STSv1";

    @BeforeEach
    void start() throws Exception {
        Path store = folder.resolve("store");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "a",
                        "-dname",
                        "CN=x",
                        "-ext",
                        "san=dns:mta-sts.far.test",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "secret")
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), null, null);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("a", keys.getCertificate("a"));
        trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/.well-known/mta-sts.txt", exchange -> {
            byte[] octets = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Location", "https://elsewhere.test/");
            exchange.sendResponseHeaders(status, octets.length);
            exchange.getResponseBody().write(octets);
            exchange.close();
        });
        server.start();
        dns.host("mta-sts.far.test", "127.0.0.1").host("mta-sts.other.test", "127.0.0.1");
    }

    @AfterEach
    void stop() {
        server.stop(0);
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private String fetch(String domain, TlsClients tls, boolean loopback) throws Exception {
        return new HttpsFetcher(
                        dns,
                        group,
                        NioSocketChannel.class,
                        tls,
                        server.getAddress().getPort(),
                        loopback,
                        Duration.ofSeconds(10))
                .fetch(domain)
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    @Test
    @DisplayName("U14: a policy comes over HTTPS from a host whose certificate is good, and from no other")
    void fetches() throws Exception {
        TlsClients trusting = new TlsClients(TlsConfig.Provider.AUTO, trust);
        assertThat(fetch("far.test", trusting, true)).isEqualTo("version: STSv1");
        assertThatThrownBy(() -> fetch("other.test", trusting, true))
                .hasMessageContaining("the certificate is not for mta-sts.other.test");
        assertThatThrownBy(() -> fetch("far.test", new TlsClients(TlsConfig.Provider.AUTO, null), true))
                .hasMessageContaining("the certificate is not trusted");
        assertThatThrownBy(() -> fetch("far.test", trusting, false)).hasMessageContaining("has no address");
        assertThatThrownBy(() -> fetch("none.test", trusting, true)).hasMessageContaining("has no address");
    }

    @Test
    @DisplayName("U14: redirects are not followed, and what is too large is not read")
    void refuses() throws Exception {
        TlsClients trusting = new TlsClients(TlsConfig.Provider.AUTO, trust);
        status = 301;
        assertThatThrownBy(() -> fetch("far.test", trusting, true)).hasMessageContaining("HTTP status 301");
        status = 200;
        answer = "x".repeat(100_000);
        assertThatThrownBy(() -> fetch("far.test", trusting, true)).hasMessageContaining("too large");
    }
}
