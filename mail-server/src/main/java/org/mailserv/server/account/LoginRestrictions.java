package org.mailserv.server.account;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.net.CidrSet;

/**
 * Restrictions on login to an account, for all protocols and mechanisms. They do not affect delivery to the account.
 *
 * @param closed reason why nobody may log in; null if login is possible
 * @param networks sets of networks; the client must be in each of them
 */
public record LoginRestrictions(@Nullable String closed, List<CidrSet> networks) {
    /** No restrictions. */
    public static final LoginRestrictions NONE = new LoginRestrictions(null, List.of());

    public LoginRestrictions {
        networks = List.copyOf(networks);
    }

    /** Returns restrictions that admit nobody. */
    static LoginRestrictions closed(String reason) {
        return new LoginRestrictions(reason, List.of());
    }

    /** Returns the combined restrictions, all of which must be met. */
    LoginRestrictions and(LoginRestrictions other) {
        List<CidrSet> all = new ArrayList<>(networks);
        all.addAll(other.networks);
        return new LoginRestrictions(closed == null ? other.closed : closed, all);
    }

    /**
     * Returns the reason why a client may not log in, or null if it may.
     *
     * @param address the client's address, as announced by PROXY or XCLIENT; an invalid one is in no network
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
