package org.mailserv.server.account;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.net.CidrSet;

/**
 * Restrictions on logging in to an account, whatever the protocol and mechanism. They say nothing about mail for the account, which is
 * delivered all the same.
 *
 * @param closed reason why nobody may log in; null where that is possible
 * @param networks sets of networks; a client has to be in each of them
 */
public record LoginRestrictions(@Nullable String closed, List<CidrSet> networks) {
    /** No restriction. */
    public static final LoginRestrictions NONE = new LoginRestrictions(null, List.of());

    public LoginRestrictions {
        networks = List.copyOf(networks);
    }

    /** Returns restrictions that let nobody in. */
    static LoginRestrictions closed(String reason) {
        return new LoginRestrictions(reason, List.of());
    }

    /** Returns the restrictions of both: who logs in has to meet each of them. */
    LoginRestrictions and(LoginRestrictions other) {
        List<CidrSet> all = new ArrayList<>(networks);
        all.addAll(other.networks);
        return new LoginRestrictions(closed == null ? other.closed : closed, all);
    }

    /**
     * Returns the reason for which a client may not log in, or null where it may.
     *
     * @param address of the client itself, as PROXY or XCLIENT named it; one that cannot be read is in no network
     */
    public @Nullable String refuses(String address) {
        if (closed != null || networks.isEmpty()) {
            return closed;
        }
        InetAddress client = NetUtil.createInetAddressFromIpAddressString(address);
        return client != null && networks.stream().allMatch(network -> network.contains(client))
                ? null
                : "not in allow_nets";
    }
}
