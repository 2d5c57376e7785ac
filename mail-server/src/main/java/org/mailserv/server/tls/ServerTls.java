package org.mailserv.server.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.Mapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.disk.PathAccess;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's certificates and TLS contexts. Changed files are reloaded within {@code look-interval} and apply to
 * new connections. If a file is invalid, the previous certificates stay in use and a log line is written.
 * Thread-safe.
 */
public final class ServerTls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
    /**
     * The built-in cipher suites: forward secrecy and authenticated encryption only, which all mail software of the
     * last ten years supports.
     */
    private static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private final TlsConfig config;
    private final Path folder;
    private final String hostname;
    private final ScheduledExecutorService watcher;
    private final LongAdder refusals = new LongAdder();
    private volatile Loaded loaded;
    private String stamp;

    /** A certificate in use, for status displays. */
    public record CertificateView(Path file, Set<String> names, Instant notAfter, X509Certificate certificate) {}

    private record Loaded(SslContext first, Map<String, SslContext> byName, List<CertificateView> views) {
        SslContext find(@Nullable String host) {
            if (host == null || byName.isEmpty()) {
                return first;
            }
            String name = CertificateNames.canonical(host);
            SslContext exact = byName.get(name);
            int dot = name.indexOf('.');
            SslContext wild = exact == null && dot > 0 ? byName.get("*" + name.substring(dot)) : exact;
            return wild == null ? first : wild;
        }
    }

    /**
     * Reads the certificates. Blocks.
     *
     * @param folder folder for a self-signed certificate, and of the certificate that ACME maintains
     * @throws IOException if a file cannot be used; the message names it
     */
    public ServerTls(TlsConfig config, Path folder, String hostname) throws IOException {
        this.config = config;
        this.folder = folder;
        this.hostname = hostname;
        if (config.certificates().isEmpty() && maintained() == null) {
            // Before the stamp: the files that load() would create are no change.
            SelfSigned.in(folder, hostname);
        }
        this.stamp = stampNow();
        this.loaded = load();
        this.watcher = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "certificates");
            thread.setDaemon(true);
            return thread;
        });
        long interval = config.lookInterval().toMillis();
        watcher.scheduleWithFixedDelay(this::look, interval, interval, TimeUnit.MILLISECONDS);
    }

    /** Reads the certificates without serving them, for {@code check-config}. Blocks. */
    public static List<CertificateView> check(TlsConfig config) throws IOException {
        if (config.certificates().isEmpty()) {
            return List.of();
        }
        List<CertificateView> views = new ArrayList<>();
        for (TlsConfig.CertificateConfig pair : config.certificates()) {
            views.add(check(config, pair));
        }
        return views;
    }

    /** Reads one certificate without serving it. Blocks. */
    public static CertificateView check(TlsConfig config, TlsConfig.CertificateConfig pair) throws IOException {
        return open(config, pair).view();
    }

    /** Returns a handler for a new connection, to be placed first in the pipeline. */
    public ChannelHandler newHandler(ByteBufAllocator allocator) {
        Loaded now = loaded;
        long timeout = config.handshakeTimeout().toMillis();
        if (now.byName().isEmpty()) {
            SslHandler handler = now.first().newHandler(allocator);
            handler.setHandshakeTimeoutMillis(timeout);
            return handler;
        }
        Mapping<String, SslContext> mapping = now::find;
        return new SniHandler(mapping, 0, timeout) {
            @Override
            protected SslHandler newSslHandler(SslContext context, ByteBufAllocator alloc) {
                SslHandler handler = super.newSslHandler(context, alloc);
                handler.setHandshakeTimeoutMillis(timeout);
                return handler;
            }
        };
    }

    /** Returns the certificates in use. */
    public List<CertificateView> certificates() {
        return loaded.views();
    }

    /** Returns how often changed certificate files could not be used since the start. */
    public long refusals() {
        return refusals.sum();
    }

    /**
     * Returns why clients that verify certificates would refuse the one that is served for a host name, or null if nothing is known against it.
     */
    public @Nullable String problem(String host) {
        return problem(loaded.views(), host);
    }

    /** Returns the same as {@link #problem(String)} for certificates that are not in use yet, at least one. */
    public static @Nullable String problem(List<CertificateView> views, String host) {
        CertificateView served = views.stream()
                .filter(view -> CertificateFitness.covers(view.names(), host))
                .findFirst()
                .orElse(views.get(0));
        return CertificateFitness.problem(served.certificate(), host, Instant.now());
    }

    /** Loads changed files now rather than at the next check. Blocks. */
    public void refresh() {
        look();
    }

    /** Returns the certificate that ACME maintains, or null if there is none yet. */
    private TlsConfig.@Nullable CertificateConfig maintained() {
        Path file = AcmeConfig.certificateFile(folder);
        return config.acme().enabled() && Files.exists(file) ? new TlsConfig.CertificateConfig(file, null) : null;
    }

    private void look() {
        String now = stampNow();
        try {
            synchronized (this) {
                if (now.equals(stamp)) {
                    return;
                }
                // An invalid file is reported once, not at every check.
                stamp = now;
            }
            prepare().run();
        } catch (IOException | RuntimeException e) {
            refusals.increment();
            LOG.error("event=certificate-refused reason=\"{}\" kept=previous", Failures.text(e));
        }
    }

    /**
     * Reads the files again without applying them. Blocks.
     *
     * @return an action that applies the certificates to new connections
     * @throws IOException if a file cannot be used
     */
    public Runnable prepare() throws IOException {
        String read = stampNow();
        Loaded fresh = load();
        return () -> use(fresh, read);
    }

    private synchronized void use(Loaded fresh, String read) {
        stamp = read;
        loaded = fresh;
        for (CertificateView view : fresh.views()) {
            LOG.info("event=certificate-loaded file={} names={} until={}", view.file(), view.names(), view.notAfter());
        }
    }

    private String stampNow() {
        StringBuilder text = new StringBuilder();
        List<TlsConfig.CertificateConfig> files = new ArrayList<>(config.certificates());
        TlsConfig.CertificateConfig maintained = maintained();
        if (maintained != null) {
            files.add(maintained);
        }
        if (files.isEmpty()) {
            files.add(SelfSigned.filesIn(folder));
        }
        for (TlsConfig.CertificateConfig pair : files) {
            for (Path file : List.of(pair.certificate(), pair.keyFile())) {
                try {
                    // ACME clients replace a symbolic link, so its target is compared.
                    Path real = file.toRealPath();
                    text.append(real).append(Files.getLastModifiedTime(real)).append(Files.size(real));
                } catch (IOException e) {
                    text.append("missing");
                }
            }
        }
        return text.toString();
    }

    private Loaded load() throws IOException {
        List<Opened> opened = new ArrayList<>();
        for (TlsConfig.CertificateConfig pair : config.certificates()) {
            opened.add(open(config, pair));
        }
        TlsConfig.CertificateConfig maintained = maintained();
        if (maintained != null) {
            openMaintained(maintained, opened);
        }
        if (opened.isEmpty()) {
            opened.add(open(config, SelfSigned.in(folder, hostname)));
        }
        List<CertificateView> views = new ArrayList<>();
        Map<String, SslContext> byName = new LinkedHashMap<>();
        for (Opened each : opened) {
            views.add(each.view());
            each.view().names().forEach(name -> byName.putIfAbsent(name, each.context()));
        }
        return new Loaded(opened.get(0).context(), opened.size() == 1 ? Map.of() : byName, views);
    }

    /** Opens the certificate that ACME maintains. A damaged file does not stop the server: it is replaced by a new certificate. */
    private void openMaintained(TlsConfig.CertificateConfig maintained, List<Opened> opened) {
        try {
            opened.add(open(config, maintained));
        } catch (IOException e) {
            LOG.error("event=certificate-refused reason=\"{}\" kept=others", Failures.text(e));
        }
    }

    /** A loaded certificate, ready to be served. */
    private record Opened(SslContext context, CertificateView view) {}

    private static Opened open(TlsConfig config, TlsConfig.CertificateConfig pair) throws IOException {
        for (Path file : List.of(pair.certificate(), pair.keyFile())) {
            String problem = PathAccess.readProblem(file);
            if (problem != null) {
                throw new IOException(problem);
            }
        }
        PemKeyManager pem = PemKeyManager.read(pair.certificate(), pair.keyFile());
        X509Certificate certificate = pem.certificate();
        return new Opened(
                context(config, pair, pem),
                new CertificateView(
                        pair.certificate(),
                        CertificateNames.of(certificate),
                        certificate.getNotAfter().toInstant(),
                        certificate));
    }

    private static SslContext context(TlsConfig config, TlsConfig.CertificateConfig pair, PemKeyManager pem)
            throws IOException {
        try {
            SslProvider provider = KeyKind.of(pem.certificate().getPublicKey()).provider(config.provider());
            KeyManagerFactory keys = pem.factory();
            SslContext context = SslContextBuilder.forServer(
                            provider == SslProvider.JDK ? keys : new OpenSslCachingX509KeyManagerFactory(keys))
                    .sslProvider(provider)
                    .protocols(config.protocols())
                    .ciphers(config.ciphers().isEmpty() ? CIPHERS : config.ciphers(), (wanted, defaults, supported) -> {
                        List<String> known = new ArrayList<>();
                        wanted.forEach(cipher -> {
                            if (supported.contains(cipher)) {
                                known.add(cipher);
                            }
                        });
                        return known.toArray(new String[0]);
                    })
                    .build();
            if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
                sessions.setSessionCacheEnabled(config.sessionTickets());
            }
            return context;
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IOException(pair.certificate() + ", " + pair.keyFile() + ": " + reason(e), e);
        } catch (IOException e) {
            throw new IOException(pair.certificate() + ", " + pair.keyFile() + ": " + Failures.text(e), e);
        }
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure.getCause();
        return Failures.text(failure) + (cause == null ? "" : " (" + Failures.text(cause) + ")");
    }

    @Override
    public void close() {
        watcher.shutdownNow();
    }
}
