package org.mailserv.server.check;

import java.net.InetAddress;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.reputation.Greylist;
import org.mailserv.server.net.CidrSet;

/** Defers the first attempt from an unknown network. RFC 6647. */
public final class GreylistCheck implements Check {
    private static final SmtpReply GREYLISTED = SmtpReply.of(451, "4.7.1", "Greylisted, please try again later");

    private final Greylist greylist;
    private final CidrSet exempt;

    /** @param exempt clients that are not greylisted */
    public GreylistCheck(Greylist greylist, CidrSet exempt) {
        this.greylist = greylist;
        this.exempt = exempt;
    }

    @Override
    public CompletionStage<@Nullable SmtpReply> recipient(CheckedClient client, ReversePath sender, Address recipient) {
        InetAddress address = client.address();
        if (address == null || client.lmtp() || client.mayRelay() || exempt.contains(address)) {
            return NO_OBJECTION;
        }
        return greylist.admits(address, sender.toString(), recipient.toString())
                .thenApply(admitted -> admitted ? null : GREYLISTED);
    }
}
