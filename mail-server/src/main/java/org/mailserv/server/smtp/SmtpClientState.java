package org.mailserv.server.smtp;

import java.net.InetAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.Account;
import org.mailserv.server.dns.ClientNames;
import org.mailserv.server.sasl.ChannelBinding;

/** What a session has learned of its client so far. On the session's thread. */
final class SmtpClientState {
    SmtpPeer peer;

    /** The HELO argument; null before it. */
    @Nullable
    String hello;

    /** Whether it was EHLO or LHLO. */
    boolean extended;

    /** Whether all that comes is protected. */
    boolean secure;

    /** Protocol and cipher, once the handshake is over. */
    @Nullable
    String tls;

    @Nullable
    ChannelBinding binding;

    /** The address as it is, for checks. */
    @Nullable
    InetAddress address;

    /** Its name, once it is known. */
    CompletionStage<ClientNames.Answer> name = CompletableFuture.completedFuture(new ClientNames.Answer.Unknown());

    /** Who logged in. */
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

    /** The name of the client, where it is known by now: from XCLIENT or the DNS. */
    @Nullable
    String knownName() {
        String told = peer.name();
        ClientNames.Answer answer = name.toCompletableFuture().getNow(new ClientNames.Answer.Unknown());
        return told == null && answer instanceof ClientNames.Answer.Confirmed confirmed ? confirmed.name() : told;
    }

    /** TLS has begun: nothing that was said before counts. RFC 3207, 4.2. */
    void forget() {
        hello = null;
        extended = false;
        account = null;
    }
}
