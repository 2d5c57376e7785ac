package org.mailserv.server.smtp;

import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.Account;
import org.mailserv.server.dns.ClientNames;
import org.mailserv.server.sasl.ChannelBinding;

/** The facts that a session has learned about its client. Confined to the session's thread. */
final class SmtpClientState {
    SmtpPeer peer;

    /** The argument of HELO, EHLO or LHLO; null before the first one. */
    @Nullable
    String hello;

    /** True if the client sent EHLO or LHLO. */
    boolean extended;

    /** True if the connection uses TLS. */
    boolean secure;

    /** The TLS protocol and cipher suite; null before the handshake is complete. */
    @Nullable
    String tls;

    @Nullable
    ChannelBinding binding;

    /** The address, for checks; null before the connection is known. */
    @Nullable
    InetAddress address;

    /** The lookup of the client's name. */
    CompletionStage<ClientNames.Answer> name = CompletableFuture.completedFuture(new ClientNames.Answer.Unknown());

    /** The authenticated account, or null. */
    @Nullable
    Account account;

    SmtpClientState(SmtpPeer peer, boolean secure) {
        this.peer = peer;
        this.secure = secure;
    }

    boolean mayRelay() {
        return peer.mayRelay() || account != null;
    }

    boolean plaintextAuthAllowed() {
        return secure || peer.plaintextAuth();
    }

    /** Returns the client's name from XCLIENT or the DNS; null while it is unknown. */
    @Nullable
    String knownName() {
        String told = peer.name();
        ClientNames.Answer answer = name.toCompletableFuture().getNow(new ClientNames.Answer.Unknown());
        return told == null && answer instanceof ClientNames.Answer.Confirmed confirmed ? confirmed.name() : told;
    }

    /** Discards what the client said before TLS or XCLIENT. RFC 3207, 4.2. */
    void forget() {
        hello = null;
        extended = false;
        account = null;
    }
}
