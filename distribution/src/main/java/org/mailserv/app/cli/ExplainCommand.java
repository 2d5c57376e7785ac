package org.mailserv.app.cli;

import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.QueueMessage;
import org.mailserv.app.api.QueueQuery;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.app.control.QueueReport;
import org.mailserv.app.server.Lookups;
import org.mailserv.app.server.MessageExplainer;
import org.mailserv.app.server.OutgoingMail;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.relay.route.Destination;
import org.mailserv.relay.route.OwnAddresses;
import org.mailserv.relay.route.Route;
import org.mailserv.relay.route.Router;
import org.mailserv.relay.route.Routes;
import org.mailserv.relay.route.TlsDemand;
import org.mailserv.server.account.AliasesFile;
import org.mailserv.server.account.LocalAccounts;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.OwnNames;
import org.mailserv.server.account.Resolution;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv explain}: what would happen to a message for an address, without sending one. */
@Command(
        name = "explain",
        description = "Explains step by step how a message for an address would be routed, with the DNS answers and the"
                + " queued mail; or the results of the checks for a message in a file.",
        mixinStandardHelpOptions = true)
public final class ExplainCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(paramLabel = "ADDRESS", arity = "0..1", description = "The recipient.")
    @Nullable
    private String wanted;

    @Option(
            names = "--message",
            paramLabel = "FILE",
            description = "Runs SPF, DKIM, ARC, DMARC and DNS lists on the message as if it were received now.")
    @Nullable
    private Path message;

    @Option(
            names = "--client",
            paramLabel = "ADDRESS",
            description = "The client's address. Default: from its Received field.")
    @Nullable
    private String client;

    @Option(
            names = "--helo",
            paramLabel = "NAME",
            description = "The client's HELO name. Default: from its Received field.")
    @Nullable
    private String helo;

    @Option(names = "--from", paramLabel = "ADDRESS", description = "MAIL FROM. Default: from its Return-Path field.")
    @Nullable
    private String sender;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    /** A line: its subject, such as {@code route}, is empty if it continues the one before. */
    private record Step(int depth, String subject, String text) {
        private static final Pattern LINE = Pattern.compile("( {0,8})(\\S+(?: \\d+)?) +(.*)");

        static Step of(String line) {
            Matcher matcher = LINE.matcher(line);
            return matcher.matches() && !line.startsWith("          ")
                    ? new Step(matcher.group(1).length() / 2, matcher.group(2), matcher.group(3))
                    : new Step(0, "", line.strip());
        }
    }

    @Override
    public Integer call() throws Exception {
        MailservConfig config = ConfigFile.load(parent.configFile());
        if (message != null) {
            try (Lookups lookups = new Lookups(config)) {
                boolean taken = new MessageExplainer(config, lookups, this::say)
                        .explain(message, new MessageExplainer.Given(client, helo, sender));
                out().flush();
                return taken ? 0 : 1;
            }
        }
        Address address = wanted == null ? null : PathParser.parseAddress(wanted);
        if (address == null) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    (wanted == null ? "nothing" : wanted) + " is no address (expected: user@domain)");
        }
        boolean reached;
        try (LocalAccounts accounts = new LocalAccounts(
                        config.domains(),
                        config.primaryDomain(),
                        OwnNames.ofThisMachine(config.hostname()),
                        new UsersFile(config.usersFilePath(), new RealDisk()),
                        new AliasesFile(config.aliasesFilePath(), new RealDisk()),
                        config.tagSeparators(),
                        1);
                Lookups lookups = new Lookups(config)) {
            reached = address.domain().isEmpty() || accounts.isLocalDomain(address.domain())
                    ? local(config, accounts, lookups, address)
                    : remote(config, lookups, address, "");
        }
        out().flush();
        return reached ? 0 : 1;
    }

    private boolean local(MailservConfig config, LocalAccounts accounts, Lookups lookups, Address address)
            throws StartupException, ApiException {
        String domain = accounts.listedDomain(address.domain());
        say("domain    "
                + (address.domain().isEmpty() || domain.equals(address.domain())
                        ? domain + " is local"
                        : address.domain() + " is this host, and stands for " + domain));
        Resolution resolution = Lookups.await(accounts.resolve(address));
        if (!(resolution instanceof Resolution.Found found)) {
            say("refused   550 5.1.1 No such mailbox here");
            if (config.passwordHelper().isSet()) {
                say("          (unless the password helper knows it, which is not asked here)");
            }
            return false;
        }
        for (MailboxName mailbox : found.mailboxes()) {
            boolean itself = mailbox.equals(new MailboxName(mailbox.domain(), address.localPart()))
                    && (address.domain().isEmpty() || mailbox.domain().equals(address.domain()));
            if (accounts.isRouted(mailbox.domain())) {
                say((itself ? "mailbox   " : "alias     -> mailbox ") + mailbox + " on another server (routed)");
                remote(config, lookups, mailbox.address(), "  ");
                continue;
            }
            say((itself ? "mailbox   " : "alias     -> mailbox ") + mailbox + " in "
                    + new DataFolder(config, new RealDisk()).layout().folder(mailbox));
        }
        for (Address forward : found.forwards()) {
            say("alias     -> " + forward
                    + (config.srs().enabled() ? ", with the sender rewritten (SRS) where it is a foreign one" : ""));
            remote(config, lookups, forward, "  ");
        }
        return true;
    }

    private boolean remote(MailservConfig config, Lookups lookups, Address address, String indent)
            throws StartupException, ApiException {
        String domain = address.domain();
        say(indent + "domain    " + domain + " is not local: from relay-networks and logins only, through the queue");
        Route route = new Routes(config.relay()).find(domain);
        String host = route.host();
        say(indent + "route     "
                + (host == null ? "by MX" : "to " + host + " by relay.routes") + ", port " + route.port()
                + (route.lmtp() ? ", LMTP" : "")
                + (route.login() == null ? "" : ", logs in as " + route.login().user()));
        Dns dns = lookups.dns();
        if (host == null && !domain.startsWith("[")) {
            say(indent + "MX        " + mx(Lookups.await(dns.mx(domain))));
        }
        OwnAddresses own = new OwnAddresses(config.hostname(), () -> listeners(config), OwnAddresses.ofThisMachine());
        Destination destination = Lookups.await(new Router(
                        dns,
                        own,
                        config.relay().allowLoopback(),
                        config.relay().maxHosts(),
                        new SecureRandom(),
                        OutgoingMail.trust(config, dns, lookups.loops(), Runnable::run))
                .find(domain, route));
        if (destination instanceof Destination.None none) {
            say(indent + (none.isPermanent() ? "refused   " : "deferred  ") + none.status() + " " + none.text());
        } else if (destination instanceof Destination.Hosts hosts) {
            int i = 1;
            for (Destination.Host each : hosts.hosts()) {
                TlsDemand demand = each.demand();
                say(indent + "host " + i++ + "    " + each.name() + "  " + Lookups.text(each.addresses())
                        + (demand == null ? "" : "  TLS " + demand));
            }
        }
        say(indent + "TLS       " + route.tls() + " (by the route)");
        waiting(config, address, indent);
        return destination instanceof Destination.Hosts;
    }

    private static String mx(DnsAnswer<Dns.MxRecord> answer) {
        return answer instanceof DnsAnswer.Found<Dns.MxRecord> found
                ? String.join(
                        ", ",
                        found.records().stream()
                                .sorted((one, other) -> Integer.compare(one.preference(), other.preference()))
                                .map(record -> record.preference() + " "
                                        + (record.exchange().isEmpty() ? "." : record.exchange()))
                                .toList())
                : Lookups.words(answer);
    }

    private static List<InetSocketAddress> listeners(MailservConfig config) {
        return config.listeners().stream()
                .filter(listener -> !listener.kind().isPop3())
                .map(listener -> listener.address().equals("*")
                        ? new InetSocketAddress(listener.effectivePort())
                        : new InetSocketAddress(listener.address(), listener.effectivePort()))
                .toList();
    }

    private void waiting(MailservConfig config, Address address, String indent) throws StartupException, ApiException {
        if (!new ControlClient(config.dataDir()).isServerRunning()) {
            say(indent + "queue     the server does not run");
            return;
        }
        List<QueueMessage> found =
                new ControlClient(config.dataDir()).ask(Calls.QUEUE, QueueQuery.ofDomain(address.domain(), 10));
        say(indent + "queue     for " + address.domain() + ":");
        QueueReport.of(found, false, false, List.of()).lines().forEach(line -> say(indent + "          " + line));
    }

    private void say(String line) {
        out().println(json ? Json.write(Step.of(line)) : line);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
