package org.mailserv.app.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.mailserv.acme.challenge.ChallengeSolver;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.text.Addresses;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.AcmeConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for validations by the CA. It is bound at the start, while the process may bind privileged ports. A port that cannot be bound
 * does not stop the server, which receives mail without it: binding is tried again before each validation.
 */
final class ChallengeListener implements ChallengeSolver, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChallengeListener.class);
    private static final long CLOSE_MILLIS = 2_000;

    private final EventLoops loops;
    private final AcmeConfig.Endpoint endpoint;
    private final String key;
    private final ChannelHandler handler;
    private final ChallengeSolver proofs;
    private @Nullable Channel channel;

    /**
     * @param key key of the endpoint's settings, for messages
     * @param handler initializes the connections of the CA
     * @param proofs the proofs that the handler serves
     */
    ChallengeListener(
            EventLoops loops,
            AcmeConfig.Endpoint endpoint,
            String key,
            ChannelHandler handler,
            ChallengeSolver proofs) {
        this.loops = loops;
        this.endpoint = endpoint;
        this.key = key;
        this.handler = handler;
        this.proofs = proofs;
    }

    /** Binds the listener at the start. A failure is logged. Blocks. */
    void open() {
        try {
            bind();
        } catch (IOException e) {
            LOG.error("event=acme-listener-failed reason=\"{}\"", Failures.text(e));
        }
    }

    private synchronized void bind() throws IOException {
        if (channel != null) {
            return;
        }
        ChannelFuture binding = new ServerBootstrap()
                .group(loops.group())
                .channel(loops.serverChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childHandler(handler)
                .bind(Listeners.socketAddress(endpoint.address(), endpoint.port()))
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException(problem(binding.cause()), binding.cause());
        }
        channel = binding.channel();
        LOG.info("event=listening kind=ACME address={}", Addresses.text(channel.localAddress()));
    }

    private String problem(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        String where = "the listener for the CA on port " + endpoint.port() + " cannot be opened: ";
        if (message.contains("in use")) {
            return where + "another program has the port; let it pass the CA's requests on, and set " + key
                    + ".port to the port that it passes them to";
        } else if (message.contains("ermission denied")) {
            return where
                    + "ports below 1024 need root at the start or CAP_NET_BIND_SERVICE; or redirect the port, and set "
                    + key + ".port";
        }
        return where + message + "; correct " + key + ".address";
    }

    @Override
    public void publish(Proof proof) throws IOException {
        bind();
        proofs.publish(proof);
    }

    @Override
    public void withdraw(Proof proof) {
        proofs.withdraw(proof);
    }

    @Override
    public synchronized void close() {
        Channel bound = channel;
        if (bound != null) {
            bound.close().awaitUninterruptibly(CLOSE_MILLIS);
        }
    }
}
