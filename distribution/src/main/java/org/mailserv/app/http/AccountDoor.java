package org.mailserv.app.http;

import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.http.account.AccountPages;
import org.mailserv.app.http.account.AccountRequest;
import org.mailserv.app.http.console.HttpReplies;
import org.mailserv.server.net.CidrSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door to the users' page, {@code /account}. It rejects requests for another host, requests that a browser sends for a page of another site,
 * and passwords without encryption from other networks than those that may send them so to the mail protocols.
 */
public final class AccountDoor {
    private static final Logger LOG = LoggerFactory.getLogger(AccountDoor.class);

    private final RequestOrigin origin;
    private final AccountPages pages;
    private final Supplier<CidrSet> plaintext;

    /**
     * @param names host names of the page, besides the server's own name and addresses
     * @param plaintext networks from which passwords are accepted without encryption
     */
    public AccountDoor(String host, List<String> names, AccountPages pages, Supplier<CidrSet> plaintext) {
        this.origin = new RequestOrigin(host, names);
        this.pages = pages;
        this.plaintext = plaintext;
    }

    /** Returns whether a path belongs to the users' page. */
    static boolean isOurs(String path) {
        return path.equals(AccountPages.ROOT) || path.startsWith(AccountPages.ROOT + "/");
    }

    /**
     * Answers a request. The stage never fails. The caller may release the request when this method returns.
     *
     * @param secure whether the browser uses TLS
     * @param proxies networks of reverse proxies whose {@code X-Forwarded-For} is believed
     */
    CompletionStage<FullHttpResponse> answer(
            FullHttpRequest request, @Nullable InetAddress peer, boolean secure, CidrSet proxies) {
        InetAddress client = peer != null && proxies.contains(peer) ? forwarded(request, peer) : peer;
        FullHttpResponse refusal = refusal(request, client, secure);
        if (refusal != null) {
            return CompletableFuture.completedFuture(refusal);
        }
        String address = client == null ? "unknown" : NetUtil.toAddressString(client);
        return pages.answer(new AccountRequest(request, address, secure)).exceptionally(failure -> {
            LOG.error("event=account-page-failed", failure);
            return HttpReplies.plain(HttpResponseStatus.INTERNAL_SERVER_ERROR, "failed; see the log\n");
        });
    }

    private @Nullable FullHttpResponse refusal(FullHttpRequest request, @Nullable InetAddress client, boolean secure) {
        boolean reads =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        if (!origin.isForUs(request)) {
            return HttpReplies.plain(
                    HttpResponseStatus.MISDIRECTED_REQUEST,
                    "no name of this server; http.host-names lists those of a proxy\n");
        } else if (!reads && origin.isForeign(request)) {
            LOG.warn("event=account-cross-site path={}", new QueryStringDecoder(request.uri()).path());
            return HttpReplies.plain(HttpResponseStatus.FORBIDDEN, "sent by a page of another site\n");
        } else if (!secure
                && !isLocal(client)
                && (client == null || !plaintext.get().contains(client))) {
            return HttpReplies.plain(
                    HttpResponseStatus.FORBIDDEN,
                    "This page takes passwords and needs https. Ask the operator of the server for its address.\n");
        }
        return null;
    }

    /** Returns the client that a proxy names in the last entry of X-Forwarded-For. */
    private static InetAddress forwarded(FullHttpRequest request, InetAddress proxy) {
        String entries = request.headers().get("X-Forwarded-For", "");
        InetAddress told = NetUtil.createInetAddressFromIpAddressString(
                entries.substring(entries.lastIndexOf(',') + 1).strip());
        return told == null ? proxy : told;
    }

    private static boolean isLocal(@Nullable InetAddress address) {
        return address != null && address.isLoopbackAddress();
    }
}
