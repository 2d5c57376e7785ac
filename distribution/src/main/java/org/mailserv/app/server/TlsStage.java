package org.mailserv.app.server;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.server.tls.ServerTls;
import org.mailserv.server.tls.TlsMode;

/** The server's TLS certificates. Loading the TLS library dominates the start-up time, so that it happens on a thread of its own. */
final class TlsStage {
    private final CompletableFuture<Optional<ServerTls>> loading = new CompletableFuture<>();
    private final MailservConfig config;

    private TlsStage(MailservConfig config) {
        this.config = config;
    }

    /** Starts to load the certificates in the background. */
    static TlsStage start(MailservConfig config) {
        TlsStage stage = new TlsStage(config);
        new Thread(stage::load, "tls-start").start();
        return stage;
    }

    private void load() {
        boolean wanted = config.listeners().stream().anyMatch(listener -> listener.tlsMode() != TlsMode.NONE)
                || config.http().hasTls();
        try {
            loading.complete(
                    wanted
                            ? Optional.of(new ServerTls(
                                    config.tls(),
                                    config.dataDir().toAbsolutePath().resolve("tls"),
                                    config.hostname()))
                            : Optional.empty());
        } catch (IOException | RuntimeException | Error e) {
            loading.completeExceptionally(e);
        }
    }

    /** Waits for the certificates and returns them, or empty if no listener uses TLS. Blocks. */
    Optional<ServerTls> await(OpenResources resources) throws IOException {
        try {
            Optional<ServerTls> tls = loading.join();
            tls.ifPresent(resources::add);
            return tls;
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException problem) {
                throw problem;
            }
            throw e;
        }
    }
}
