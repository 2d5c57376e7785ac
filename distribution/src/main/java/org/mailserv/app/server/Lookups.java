package org.mailserv.app.server;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.dns.resolver.NettyDns;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.text.Addresses;
import org.mailserv.server.text.Failures;
import org.mailserv.server.text.Values;

/** Blocking DNS lookups with the server's settings, for commands. */
public final class Lookups implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final EventLoops loops;
    private final NettyDns dns;

    public Lookups(MailservConfig config) {
        loops = new EventLoops(config.net().transport(), 1);
        dns = new NettyDns(config.dns(), loops.group().next(), loops.datagramChannel(), loops.clientChannel());
    }

    public EventLoops loops() {
        return loops;
    }

    public Dns dns() {
        return dns;
    }

    /** Waits for a result, at most a minute. Blocks. */
    public static <T> T await(CompletionStage<T> stage) throws StartupException {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new StartupException(Failures.text(e), e);
        } catch (TimeoutException e) {
            throw new StartupException("no answer within " + PATIENCE_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted", e);
        }
    }

    /** Waits for an answer and returns its records; empty if there are none. Blocks. */
    public static <T> List<T> records(CompletionStage<DnsAnswer<T>> stage) throws StartupException {
        return await(stage) instanceof DnsAnswer.Found<T> found ? found.records() : List.of();
    }

    /** Returns a description of an answer for people. */
    public static String words(DnsAnswer<?> answer) {
        if (answer instanceof DnsAnswer.Found<?> found) {
            return Values.text(found.records());
        } else if (answer instanceof DnsAnswer.NoSuchDomain<?>) {
            return "no such domain";
        } else if (answer instanceof DnsAnswer.TemporaryFailure<?> failure) {
            return "the DNS could not be asked: " + failure.reason();
        }
        return "no such record";
    }

    public static String text(List<InetAddress> addresses) {
        return String.join(", ", addresses.stream().map(Addresses::text).toList());
    }

    @Override
    public void close() {
        dns.close();
        loops.close();
    }
}
