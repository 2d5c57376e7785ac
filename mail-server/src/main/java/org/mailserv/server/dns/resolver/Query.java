package org.mailserv.server.dns.resolver;

import io.netty.buffer.Unpooled;
import io.netty.channel.AddressedEnvelope;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverException;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;

/** One query, sent to the servers in turn until one answers. Confined to the resolver's event loop. */
final class Query {
    private static final int UDP_SIZE = 1232;
    private static final long DNSSEC_OK = 0x8000L;

    /** An answer, or the reason why there is none. */
    record Result(@Nullable Response response, String failure) {}

    private final DnsNameResolver resolver;
    private final Servers servers;
    private final Question question;
    private final boolean dnssec;
    private final CompletableFuture<Result> done = new CompletableFuture<>();
    private int triesLeft;
    private boolean edns = true;
    private InetSocketAddress server;

    Query(DnsNameResolver resolver, Servers servers, Question question, int rounds, boolean dnssec) {
        this.resolver = resolver;
        this.servers = servers;
        this.question = question;
        this.dnssec = dnssec;
        this.triesLeft = rounds * servers.count();
        this.server = servers.current();
    }

    CompletableFuture<Result> start() {
        ask();
        return done;
    }

    private void ask() {
        triesLeft--;
        try {
            resolver.query(server, new DefaultDnsQuestion(question.name() + ".", question.type()), additionals())
                    .addListener(
                            (Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> answered) -> onAnswer(answered));
        } catch (RuntimeException e) {
            // Names that cannot be encoded never reach a server.
            done.complete(new Result(null, "the name cannot be asked for: " + Failures.text(e)));
        }
    }

    /** Returns a custom OPT record, because Netty's cannot request the AD bit. RFC 6891, 6.1; RFC 6840, 5.7. */
    private List<DnsRecord> additionals() {
        return edns
                ? List.of(new DefaultDnsRawRecord(
                        ".", DnsRecordType.OPT, UDP_SIZE, dnssec ? DNSSEC_OK : 0, Unpooled.EMPTY_BUFFER))
                : List.of();
    }

    private void onAnswer(Future<AddressedEnvelope<DnsResponse, InetSocketAddress>> answered) {
        if (!answered.isSuccess()) {
            next(reason(answered.cause()));
            return;
        }
        AddressedEnvelope<DnsResponse, InetSocketAddress> envelope = answered.getNow();
        try {
            DnsResponse message = envelope.content();
            if (message.isTruncated()) {
                next("truncated, also over TCP");
                return;
            }
            judge(Response.read(message, question.name(), question.type()));
        } catch (RuntimeException e) {
            next("an answer that makes no sense (" + Failures.text(e) + ")");
        } finally {
            envelope.release();
        }
    }

    private void judge(Response response) {
        DnsResponseCode code = response.code();
        String doubt = response.doubt();
        if (code.equals(DnsResponseCode.NOERROR) || code.equals(DnsResponseCode.NXDOMAIN)) {
            if (doubt == null) {
                done.complete(new Result(response, ""));
            } else {
                next(doubt);
            }
        } else if (edns && mayBeDueToEdns(code)) {
            edns = false;
            triesLeft++;
            ask();
        } else {
            next(code.toString());
        }
    }

    /**
     * Returns whether the code may come from a server that does not support EDNS. RFC 6891, 7. A validating resolver
     * reports forged records by SERVFAIL, so that answer stands.
     */
    private boolean mayBeDueToEdns(DnsResponseCode code) {
        return code.equals(DnsResponseCode.FORMERR)
                || code.equals(DnsResponseCode.NOTIMP)
                || code.equals(DnsResponseCode.BADVERS_OR_BADSIG)
                || code.equals(DnsResponseCode.SERVFAIL) && !dnssec;
    }

    private void next(String reason) {
        String failure = reason + " from " + server.getAddress().getHostAddress() + ":" + server.getPort();
        servers.failed(server);
        if (triesLeft <= 0) {
            done.complete(new Result(null, failure));
            return;
        }
        server = servers.after(server);
        edns = true;
        ask();
    }

    /** Returns the reason of a query without an answer. The texts of Netty's resolver describe its own objects; the cause tells more. */
    private static String reason(Throwable cause) {
        Throwable deepest = cause;
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof DnsNameResolverTimeoutException) {
                return "no answer in time";
            }
            deepest = t;
        }
        return deepest instanceof DnsNameResolverException ? "the query could not be sent" : Failures.text(deepest);
    }
}
