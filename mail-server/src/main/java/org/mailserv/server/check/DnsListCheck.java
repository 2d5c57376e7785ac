package org.mailserv.server.check;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.MessageChecks.Facts;
import org.mailserv.server.check.authres.AuthenticationMethod;
import org.mailserv.server.check.reputation.DnsLists;
import org.mailserv.server.check.reputation.ListResult;

/** Marks or refuses messages whose client, HELO name or sender domain is on DNS block lists. RFC 5782. */
final class DnsListCheck implements Check {
    private final DnsLists lists;
    private final ChecksConfig.Lists config;

    DnsListCheck(DnsLists lists, ChecksConfig.Lists config) {
        this.lists = lists;
        this.config = config;
    }

    @Override
    public ContentCheck content(MessageAuthentication message) {
        Facts facts = message.facts();
        Address sender = facts.sender().address();
        CompletionStage<DnsLists.Score> score =
                lists.ask(facts.address(), facts.helo(), sender == null ? null : sender.domain());
        return () -> score.thenApply(total -> finding(message, total));
    }

    private Finding finding(MessageAuthentication message, DnsLists.Score score) {
        message.record(score.points());
        if (score.listed().isEmpty()) {
            return Finding.NONE;
        }
        boolean listed = score.points() >= config.threshold();
        String names = String.join(",", score.listed());
        List<AuthenticationResult> results = List.of(AuthenticationResult.of(
                        AuthenticationMethod.DNS_LISTS,
                        listed ? ListResult.FAIL : ListResult.PASS,
                        score.points() + " points")
                .with("dns.zone", names));
        if (!listed) {
            return Finding.report(results);
        }
        return Finding.suspect(
                results,
                config.refuse() ? SmtpReply.of(550, "5.7.1", "Your address or name is listed by " + names) : null);
    }
}
