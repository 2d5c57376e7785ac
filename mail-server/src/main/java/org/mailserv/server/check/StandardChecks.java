package org.mailserv.server.check;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.mailserv.server.check.ChecksConfig.SpfPolicy;
import org.mailserv.server.check.dkim.ArcSealer;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.check.dkim.DkimVerifier;
import org.mailserv.server.check.dmarc.Dmarc;
import org.mailserv.server.check.reputation.DnsLists;
import org.mailserv.server.check.reputation.Greylist;
import org.mailserv.server.check.reputation.SendingLimits;
import org.mailserv.server.check.spf.Spf;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.TimeLimitedDns;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.net.CidrSet;
import org.mailserv.server.report.Observations;

/** The registration of all checks, in the order in which they run. A check that is switched off is not registered. */
public final class StandardChecks {
    /** The time limit of an SPF check (RFC 7208, 4.6.4); the end of the message may cut it short. */
    private static final Duration SPF_LIMIT = Duration.ofSeconds(20);

    private StandardChecks() {}

    /**
     * The dependencies of the content checks.
     *
     * @param hostname the authserv-id
     * @param executor for cryptographic work, which takes a millisecond or two
     * @param observations receives what the reports to authors' domains are made of
     */
    public record Parts(
            ChecksConfig config,
            String hostname,
            Dns dns,
            DkimKeys keys,
            Executor executor,
            Observations observations,
            InstantSource clock,
            MailEvents events) {}

    /**
     * The settings of the checks before the content.
     *
     * @param checkHelo whether HELO names are checked
     */
    public record ClientSettings(String hostname, PtrPolicy ptr, boolean checkHelo, ChecksConfig checks) {}

    /** Returns the checks before the content: HELO, PTR, rate limits, greylisting. */
    public static List<Check> clientChecks(ClientSettings settings, SendingLimits limits, Greylist greylist) {
        List<Check> checks = new ArrayList<>();
        if (settings.checkHelo()) {
            checks.add(new HeloCheck(settings.hostname()));
        }
        if (settings.ptr() == PtrPolicy.DEFER || settings.ptr() == PtrPolicy.REJECT) {
            checks.add(new PtrCheck(settings.ptr()));
        }
        checks.add(new RateLimitCheck(limits));
        if (settings.checks().greylist().enabled()) {
            checks.add(
                    new GreylistCheck(greylist, CidrSet.parse(settings.checks().exemptNetworks())));
        }
        return checks;
    }

    /**
     * Returns the whole chain.
     *
     * @param clientChecks the checks before the content
     * @param filters checks by other programs, which come last: they see what is stored
     */
    public static CheckChain chain(List<Check> clientChecks, Parts parts, List<Check> filters) {
        ChecksConfig config = parts.config();
        // Two questions in turn fit into the time limit: of SPF or a key, and of DMARC for what they authenticated.
        Dns dns = new TimeLimitedDns(parts.dns(), config.timeout().dividedBy(2));
        Duration spfLimit = config.timeout().compareTo(SPF_LIMIT) < 0 ? SPF_LIMIT : config.timeout();
        MessageAuthentication.Services services = new MessageAuthentication.Services(
                config,
                parts.hostname(),
                CidrSet.parse(config.exemptNetworks()),
                new Spf(dns, parts.hostname(), spfLimit, parts.clock()),
                new DkimVerifier(dns, parts.executor(), parts.clock(), config.maxSignatures()),
                new ArcSealer(parts.keys(), parts.clock()),
                parts.executor(),
                parts.clock());
        List<Check> checks = new ArrayList<>(clientChecks);
        checks.addAll(contentChecks(parts, dns, services));
        if (config.sign()) {
            checks.add(new DkimSigningCheck(
                    parts.keys(), new DkimSigner(parts.keys(), parts.clock()), parts.executor(), parts.events()));
        }
        checks.addAll(filters);
        return CheckChain.of(checks, services);
    }

    private static List<Check> contentChecks(Parts parts, Dns dns, MessageAuthentication.Services services) {
        ChecksConfig config = parts.config();
        List<Check> checks = new ArrayList<>();
        if (config.spf() != SpfPolicy.OFF) {
            checks.add(new SpfCheck(config.spf(), config.spfTemperror()));
        }
        if (config.dkim()) {
            checks.add(new DkimCheck());
        }
        if (config.dmarc() != ChecksConfig.DmarcPolicy.OFF) {
            checks.add(new DmarcCheck(config, new Dmarc(dns), parts.observations()));
        }
        if (config.dkim()) {
            checks.add(new ArcCheck(services));
        }
        if (!config.lists().zones().isEmpty()) {
            checks.add(new DnsListCheck(new DnsLists(dns, config.lists().zones()), config.lists()));
        }
        return checks;
    }
}
