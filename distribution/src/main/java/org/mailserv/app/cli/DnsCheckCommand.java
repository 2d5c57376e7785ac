package org.mailserv.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.mailserv.app.api.Json;
import org.mailserv.app.config.ClientService;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.server.Lookups;
import org.mailserv.server.check.dkim.DkimKey;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.text.Addresses;
import org.mailserv.server.text.Failures;
import org.mailserv.server.text.Values;
import org.mailserv.server.tls.ServerTls;
import org.mailserv.server.tls.TlsMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv dns-check}: looks up what has to be published, and says what is missing and what that means. */
@Command(
        name = "dns-check",
        description =
                "Looks up the DNS records of this server and its domains, and reports missing or wrong ones with their"
                        + " effect.",
        mixinStandardHelpOptions = true)
public final class DnsCheckCommand implements Callable<Integer> {
    private static final String ASK_AGAIN =
            "the name server gave no answer, which says nothing about the record; try again, or see dns.servers";
    private static final int CONNECT_MILLIS = 10_000;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--probe",
            paramLabel = "DOMAIN",
            defaultValue = "gmail.com",
            description =
                    "A domain whose mail server is connected to, to see whether port 25 is open to the outside; \"\""
                            + " for none. Default: ${DEFAULT-VALUE}.")
    private String probe = "gmail.com";

    @Option(
            names = "--list",
            paramLabel = "ZONE",
            defaultValue = "zen.spamhaus.org",
            description =
                    "DNS block list to look up this server's addresses in; \"\" for none. Default: ${DEFAULT-VALUE}.")
    private String list = "zen.spamhaus.org";

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    private int wrong;
    private int unknown;

    @Override
    public Integer call() throws Exception {
        MailservConfig config = ConfigFile.load(parent.configFile());
        try (Lookups lookups = new Lookups(config)) {
            host(config, lookups.dns());
            new TlsaCheck(config, lookups.dns()).run(new TlsaCheck.Report() {
                @Override
                public void good(String what, String found) {
                    DnsCheckCommand.this.good(what, found);
                }

                @Override
                public void note(String what, String text) {
                    DnsCheckCommand.this.note(what, text);
                }

                @Override
                public void bad(String what, String found, String meaning) {
                    DnsCheckCommand.this.bad(what, found, meaning);
                }
            });
            DkimKeys keys = new DkimKeys(new DataFolder(config, new RealDisk()).dkim(), InstantSource.system());
            for (String domain : config.domains().keySet()) {
                domain(domain.toLowerCase(Locale.ROOT), config, lookups.dns(), keys);
            }
            if (!probe.isEmpty()) {
                port25(lookups.dns());
            }
        }
        String missing =
                unknown == 0 ? "" : unknown == 1 ? " 1 answer is unknown." : " " + unknown + " answers are unknown.";
        String problems =
                wrong == 0 ? "No problem found." : wrong == 1 ? "1 problem found." : wrong + " problems found.";
        if (!json) {
            out().println(wrong + unknown == 0 ? "All is well." : problems + missing);
        }
        out().flush();
        return wrong + unknown == 0 ? 0 : 1;
    }

    private void host(MailservConfig config, Dns dns) throws StartupException, IOException {
        String name = config.hostname();
        DnsAnswer<InetAddress> answer = Lookups.await(dns.addresses(name));
        if (answer instanceof DnsAnswer.TemporaryFailure<?>) {
            unknown(name + " A/AAAA", Lookups.words(answer), ASK_AGAIN);
            return;
        }
        if (!(answer instanceof DnsAnswer.Found<InetAddress> found)) {
            bad(
                    name + " A/AAAA",
                    Lookups.words(answer),
                    "nobody can find the server by its name, and many refuse its mail");
            return;
        }
        good(name + " A/AAAA", Values.text(found.records()));
        List<InetAddress> ours = new ArrayList<>();
        for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            ours.addAll(Collections.list(each.getInetAddresses()));
        }
        if (found.records().stream().noneMatch(ours::contains)) {
            note(name, "none of its addresses is on an interface of this machine: fine behind NAT, wrong elsewhere");
        }
        for (InetAddress address : found.records()) {
            DnsAnswer<String> pointers = Lookups.await(dns.ptr(address));
            List<String> names =
                    pointers instanceof DnsAnswer.Found<String> several ? several.records() : List.<String>of();
            if (pointers instanceof DnsAnswer.TemporaryFailure<?>) {
                unknown(Addresses.text(address) + " PTR", Lookups.words(pointers), ASK_AGAIN);
            } else if (names.stream().anyMatch(name::equalsIgnoreCase)) {
                good(Addresses.text(address) + " PTR", name);
            } else {
                bad(
                        Addresses.text(address) + " PTR",
                        names.isEmpty() ? "none" : String.join(", ", names),
                        "large providers refuse mail from an address whose PTR is not " + name
                                + "; whoever the address is rented from sets it");
            }
            listed(address, dns);
        }
    }

    private void listed(InetAddress address, Dns dns) throws StartupException {
        if (list.isEmpty()) {
            return;
        }
        String shown = Addresses.text(address) + " in " + list;
        BlockListEntry entry = BlockListEntry.find(address, list, dns);
        switch (entry.state()) {
            case LISTED ->
                bad(shown, entry.text(), "its readers refuse our mail; the list's page says why, and how to get off");
            case NOT_LISTED -> good(shown, entry.text());
            case UNKNOWN ->
                unknown(shown, entry.text(), "nobody knows whether it is listed; ask through a resolver of your own");
        }
    }

    private void domain(String domain, MailservConfig config, Dns dns, DkimKeys keys)
            throws StartupException, GeneralSecurityException {
        DnsAnswer<Dns.MxRecord> mx = Lookups.await(dns.mx(domain));
        if (mx instanceof DnsAnswer.TemporaryFailure<?>) {
            unknown(domain + " MX", Lookups.words(mx), ASK_AGAIN);
        } else if (!(mx instanceof DnsAnswer.Found<Dns.MxRecord> found)) {
            bad(
                    domain + " MX",
                    Lookups.words(mx),
                    "no mail comes here; publish: " + domain + ". IN MX 10 " + config.hostname() + ".");
        } else if (found.records().stream()
                .noneMatch(record -> record.exchange().equalsIgnoreCase(config.hostname()))) {
            bad(
                    domain + " MX",
                    Values.text(found.records()),
                    "none of them is " + config.hostname() + ": mail goes elsewhere");
        } else {
            good(domain + " MX", Values.text(found.records()));
        }
        spf(domain, config, dns);
        dkim(domain, dns, keys);
        dmarc(domain, dns);
        mtaSts(domain, config, dns);
        services(domain, config, dns);
    }

    /** The policy is optional. Where it is announced, the server serves it as enforced only with a good certificate. */
    private void mtaSts(String domain, MailservConfig config, Dns dns) throws StartupException {
        String name = "_mta-sts." + domain + " TXT";
        if (records(Lookups.await(dns.txt("_mta-sts." + domain)), "v=STSv1").isEmpty()) {
            return;
        }
        String problem;
        try {
            List<ServerTls.CertificateView> views = ServerTls.check(config.tls());
            if (views.isEmpty()) {
                note(
                        name,
                        "no certificate is configured; `mailserv doctor` tells whether the one in use is good for it");
                return;
            }
            problem = ServerTls.problem(views, config.hostname());
        } catch (IOException e) {
            problem = Failures.text(e);
        }
        if (problem == null) {
            good(name, "published, and the certificate is good for an enforced policy");
        } else {
            bad(
                    name,
                    "our certificate: " + problem,
                    "the policy is served as mode testing, not enforce, until the certificate is good");
        }
    }

    private void dmarc(String domain, Dns dns) throws StartupException {
        DnsAnswer<String> answer = Lookups.await(dns.txt("_dmarc." + domain));
        List<String> dmarc = records(answer, "v=DMARC1");
        if (answer instanceof DnsAnswer.TemporaryFailure<?>) {
            unknown("_dmarc." + domain + " TXT", Lookups.words(answer), ASK_AGAIN);
        } else if (dmarc.size() == 1) {
            good("_dmarc." + domain + " TXT", dmarc.get(0));
        } else {
            bad(
                    "_dmarc." + domain + " TXT",
                    dmarc.isEmpty() ? "no v=DMARC1 record" : "several v=DMARC1 records",
                    "large providers want one; publish: \"v=DMARC1; p=quarantine; rua=mailto:postmaster@" + domain
                            + "\"");
        }
    }

    /** Checks the optional SRV records by which mail programs find the services. RFC 6186. */
    private void services(String domain, MailservConfig config, Dns dns) throws StartupException {
        for (ClientService service : ClientService.of(config)) {
            if (service.tls() == TlsMode.NONE) {
                continue;
            }
            String name = service.srvLabels() + "." + domain;
            List<Dns.SrvRecord> records = Lookups.records(dns.srv(name));
            if (records.stream().anyMatch(service::isAnnouncedBy)) {
                good(name + " SRV", service.port() + " " + service.host());
            } else if (records.isEmpty()) {
                note(name + " SRV", "none (optional, for mail programs); publish: " + service.srvRecord(domain));
            } else {
                bad(
                        name + " SRV",
                        "another server or port",
                        "mail programs connect there; publish: " + service.srvRecord(domain));
            }
        }
    }

    private void spf(String domain, MailservConfig config, Dns dns) throws StartupException {
        DnsAnswer<String> answer = Lookups.await(dns.txt(domain));
        List<String> spf = records(answer, "v=spf1");
        String lower = spf.isEmpty() ? "" : spf.get(0).toLowerCase(Locale.ROOT);
        if (answer instanceof DnsAnswer.TemporaryFailure<?>) {
            unknown(domain + " SPF", Lookups.words(answer), ASK_AGAIN);
        } else if (spf.size() != 1) {
            bad(
                    domain + " SPF",
                    spf.isEmpty() ? "no v=spf1 record" : "several v=spf1 records, which is an error",
                    "receivers cannot tell our mail from forged mail; publish: \"v=spf1 mx -all\"");
        } else if (!lower.matches(".*\\b(mx|a|ip4|ip6|include|redirect|exists)\\b.*")) {
            bad(domain + " SPF", spf.get(0), "it allows nobody to send");
        } else if (lower.contains("+all") || lower.endsWith(" all")) {
            bad(domain + " SPF", spf.get(0), "it allows everybody to send");
        } else {
            good(
                    domain + " SPF",
                    spf.get(0) + (lower.contains("all") ? "" : " (without -all at its end it forbids nothing)"));
        }
    }

    private void dkim(String domain, Dns dns, DkimKeys keys) throws StartupException, GeneralSecurityException {
        List<DkimKey> ours =
                keys.all().stream().filter(key -> key.domain().equals(domain)).toList();
        if (ours.isEmpty()) {
            bad(
                    domain + " DKIM",
                    "no key here",
                    "its mail is not signed; `mailserv dkim keygen " + domain + "` makes keys");
        }
        for (DkimKey key : ours) {
            String name = key.recordName() + " TXT";
            DnsAnswer<String> answer = Lookups.await(dns.txt(key.recordName()));
            List<String> published = answer instanceof DnsAnswer.Found<String> found ? found.records() : List.of();
            if (answer instanceof DnsAnswer.TemporaryFailure<?>) {
                unknown(name, Lookups.words(answer), ASK_AGAIN);
            } else if (key.isPublishedIn(published)) {
                good(
                        name,
                        key.algorithm() + " key"
                                + (key.waiting() ? ", which the server activates within minutes" : ", published"));
            } else {
                bad(
                        name,
                        published.isEmpty() ? "none" : "another key",
                        (key.waiting() ? "the new key waits for its record" : "our signatures fail") + "; publish: "
                                + DkimCommand.record(key));
            }
        }
    }

    private void port25(Dns dns) throws StartupException {
        List<Dns.MxRecord> records = new ArrayList<>(Lookups.records(dns.mx(probe)));
        records.sort(Comparator.comparingInt(Dns.MxRecord::preference));
        List<InetAddress> addresses = records.isEmpty()
                ? List.of()
                : Lookups.records(dns.addresses(records.get(0).exchange()));
        if (addresses.isEmpty()) {
            note("port 25", "not tried: " + probe + " has no mail server that can be found");
            return;
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(addresses.get(0), 25), CONNECT_MILLIS);
            good("port 25", "open to the outside (" + records.get(0).exchange() + ")");
        } catch (IOException e) {
            bad(
                    "port 25",
                    "no connection to " + records.get(0).exchange() + ": " + Failures.text(e),
                    "no mail can leave; many hosters open the port on request, or set a smart host in relay.routes");
        }
    }

    private static List<String> records(DnsAnswer<String> answer, String version) {
        return answer instanceof DnsAnswer.Found<String> found
                ? found.records().stream()
                        .filter(text -> text.toLowerCase(Locale.ROOT).startsWith(version.toLowerCase(Locale.ROOT)))
                        .toList()
                : List.of();
    }

    /** A result; the meaning is empty if all is well. */
    private record Finding(String result, String subject, String found, String meaning) {
        String text() {
            return String.format("%-8s %s: %s", result, subject, found)
                    + (meaning.isEmpty() ? "" : System.lineSeparator() + "         " + meaning);
        }
    }

    private void tell(String result, String subject, String found, String meaning) {
        Finding finding = new Finding(result, subject, found, meaning);
        out().println(json ? Json.write(finding) : finding.text());
    }

    private void good(String what, String found) {
        tell("ok", what, found, "");
    }

    private void note(String what, String text) {
        tell("note", what, text, "");
    }

    private void bad(String what, String found, String meaning) {
        wrong++;
        tell("WRONG", what, found, meaning);
    }

    private void unknown(String what, String found, String meaning) {
        unknown++;
        tell("UNKNOWN", what, found, meaning);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
