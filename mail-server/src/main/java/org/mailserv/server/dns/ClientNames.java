package org.mailserv.server.dns;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Finds the host name of a client by reverse DNS. A name is used only if it is forward-confirmed, that is, if it
 * resolves to the client's address. Thread-safe and non-blocking.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8601#section-2.7.3">RFC 8601, 2.7.3 (iprev)</a>
 */
public final class ClientNames {
    private static final int MAX_NAMES = 5;

    private final Dns dns;
    private final Duration timeout;

    /** @param timeout time after which a look-up counts as a temporary failure */
    public ClientNames(Dns dns, Duration timeout) {
        this.dns = dns;
        this.timeout = timeout;
    }

    /** The result of a look-up. */
    public sealed interface Answer {
        /** The name resolves to the address. */
        record Confirmed(String name) implements Answer {}

        /** There is no name, or none that resolves to the address. */
        record None() implements Answer {}

        /** The look-up failed temporarily. */
        record Unknown() implements Answer {}
    }

    /** Looks up the name of an address. The stage never completes exceptionally. */
    public CompletionStage<Answer> find(InetAddress address) {
        CompletableFuture<Answer> found = dns.ptr(address)
                .thenCompose(answer -> names(address, answer))
                .exceptionally(failure -> new Answer.Unknown())
                .toCompletableFuture();
        return found.copy().completeOnTimeout(new Answer.Unknown(), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private CompletionStage<Answer> names(InetAddress address, DnsAnswer<String> answer) {
        if (answer instanceof DnsAnswer.Found<String> found) {
            return confirm(address, found.records(), 0);
        }
        return done(answer instanceof DnsAnswer.TemporaryFailure ? new Answer.Unknown() : new Answer.None());
    }

    private CompletionStage<Answer> confirm(InetAddress address, List<String> names, int index) {
        if (index >= Math.min(names.size(), MAX_NAMES)) {
            return done(new Answer.None());
        }
        String name = names.get(index);
        CompletionStage<DnsAnswer<InetAddress>> addresses =
                address.getAddress().length == 4 ? dns.ipv4(name) : dns.ipv6(name);
        return addresses.thenCompose(answer -> {
            if (answer instanceof DnsAnswer.Found<InetAddress> found
                    && found.records().contains(address)) {
                return done(new Answer.Confirmed(name));
            }
            return answer instanceof DnsAnswer.TemporaryFailure
                    ? done(new Answer.Unknown())
                    : confirm(address, names, index + 1);
        });
    }

    private static CompletionStage<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }
}
