package org.mailserv.app.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Json;
import org.mailserv.app.api.ListenerInfo;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.config.ConfigFile;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.app.control.ControlClient;
import org.mailserv.app.probe.Doctor;
import org.mailserv.app.probe.DoctorClient.Endpoint;
import org.mailserv.server.config.ConfigurationException;
import org.mailserv.server.net.CidrSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code mailserv doctor}. */
@Command(
        name = "doctor",
        description = {
            "Tests the running server's listeners as an unknown client: relaying, logins without TLS, smuggling,"
                    + " injection before TLS, certificates.",
            "Prints each test. No message is delivered. Exit code 1 if a test fails."
        },
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private MailservCommand parent;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--json", description = JsonLines.HELP)
    private boolean json;

    @Override
    public Integer call() throws ConfigurationException, StartupException, ApiException, IOException {
        MailservConfig config = ConfigFile.load(parent.configFile());
        PrintWriter out = spec.commandLine().getOut();
        String local = config.primaryDomain() != null
                ? config.primaryDomain()
                : config.domains().keySet().stream().findFirst().orElse(config.hostname());
        Doctor doctor = new Doctor(config.hostname(), local, InstantSource.system(), this::tell);
        int skipped = 0;
        for (ListenerInfo listener : new ControlClient(config.dataDir()).ask(Calls.LISTENERS, Nothing.NOTHING)) {
            MailservConfig.Kind kind = listener.kind();
            InetSocketAddress address = new InetSocketAddress(listener.address(), listener.port());
            CidrSet proxies = CidrSet.parse(listener.proxyFrom());
            Endpoint endpoint = endpoint(config, kind, address, proxies);
            if (endpoint == null) {
                skipped++;
                tell(new Doctor.Finding(
                        "WARN",
                        kind.name().toLowerCase(Locale.ROOT) + " " + listener.address() + ":" + listener.port(),
                        "skipped",
                        "every address of this machine is in relay-networks; ask from another machine"));
            } else {
                CidrSet plain = CidrSet.parse(
                        kind.isPop3() ? config.pop3().plaintextNetworks() : config.plaintextAuthNetworks());
                doctor.examine(endpoint, listener.tls(), !endpoint.proxied() && plain.contains(endpoint.source()));
            }
            out.flush();
        }
        int warnings = doctor.warnings() + skipped;
        if (!json) {
            out.println(
                    doctor.failures() == 0
                            ? "Nothing wrong found" + (warnings == 0 ? "." : "; warnings: " + warnings + ".")
                            : "Wrong: " + doctor.failures() + "; warnings: " + warnings + ".");
        }
        out.flush();
        return doctor.failures() == 0 ? 0 : 1;
    }

    private void tell(Doctor.Finding finding) {
        spec.commandLine().getOut().println(json ? Json.write(finding) : finding.text());
    }

    /** A way to a listener on which nobody is trusted, or null where there is none. */
    private static @Nullable Endpoint endpoint(
            MailservConfig config, MailservConfig.Kind kind, InetSocketAddress address, CidrSet proxies)
            throws IOException {
        CidrSet trusted = CidrSet.parse(config.relayNetworks());
        for (Endpoint endpoint : ways(kind, address)) {
            boolean proxied = proxies.contains(endpoint.source());
            if (proxied || !trusted.contains(endpoint.source())) {
                return new Endpoint(kind, endpoint.address(), endpoint.source(), proxied);
            }
        }
        return null;
    }

    private static List<Endpoint> ways(MailservConfig.Kind kind, InetSocketAddress address) throws IOException {
        List<Endpoint> ways = new ArrayList<>();
        InetAddress listening = address.getAddress();
        if (listening.isAnyLocalAddress()) {
            for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                for (InetAddress own : Collections.list(each.getInetAddresses())) {
                    if (own instanceof Inet4Address && !own.isLoopbackAddress()) {
                        ways.add(new Endpoint(kind, new InetSocketAddress(own, address.getPort()), own, false));
                    }
                }
            }
            listening = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        }
        ways.add(new Endpoint(kind, new InetSocketAddress(listening, address.getPort()), listening, false));
        if (listening.isLoopbackAddress() && listening instanceof Inet4Address) {
            // All of 127.0.0.0/8 is this machine: perhaps not all of it is trusted.
            InetAddress other = InetAddress.getByAddress(new byte[] {127, 99, 99, 99});
            ways.add(new Endpoint(kind, new InetSocketAddress(listening, address.getPort()), other, false));
        }
        return ways;
    }
}
