package org.mailserv.app.probe;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.probe.DoctorClient.Endpoint;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.CertificateFitness;
import org.mailserv.server.tls.CertificateNames;
import org.mailserv.server.tls.TlsMode;

/**
 * Tests a server's endpoints as an outside client would, and reports each test. No message is ever completed, so nothing is delivered
 * unless the server is broken.
 */
public final class Doctor {
    private static final String ELSEWHERE = "victim@mailserv-doctor.example";
    private static final int SILENCE_MILLIS = 300;
    private static final Duration SOON = Duration.ofDays(14);

    private final String hostname;
    private final String localDomain;
    private final InstantSource clock;
    private final Consumer<Finding> out;
    private int failures;
    private int warnings;

    /**
     * The result of a test.
     *
     * @param verdict {@code ok}, {@code WARN} or {@code FAIL}
     * @param endpoint the listener
     * @param detail the commands and their replies
     */
    public record Finding(String verdict, String endpoint, String test, String detail) {
        /** Returns the result as a line. */
        public String text() {
            return String.format("%-4s %s %s: %s", verdict, endpoint, test, detail);
        }
    }

    /** @param out receives the result of each test */
    public Doctor(String hostname, String localDomain, InstantSource clock, Consumer<Finding> out) {
        this.hostname = hostname;
        this.localDomain = localDomain;
        this.clock = clock;
        this.out = out;
    }

    /** A test of one endpoint. */
    private interface Try {
        void at(Endpoint endpoint) throws IOException;
    }

    public int failures() {
        return failures;
    }

    public int warnings() {
        return warnings;
    }

    /**
     * Tests an endpoint.
     *
     * @param plaintextLogin whether the configuration lets this address log in without TLS
     */
    public void examine(Endpoint endpoint, TlsMode tls, boolean plaintextLogin) {
        if (tls != TlsMode.NONE) {
            attempt(endpoint, "certificate", this::certificate);
        }
        if (tls == TlsMode.IMPLICIT) {
            return;
        }
        if (plaintextLogin) {
            warn(endpoint, "login without TLS", "skipped: the configuration lets " + endpoint.source() + " do so");
        } else {
            attempt(endpoint, "login without TLS", endpoint.kind().isPop3() ? this::pop3Login : this::smtpLogin);
        }
        if (tls == TlsMode.STARTTLS) {
            attempt(endpoint, "commands behind STARTTLS", this::injection);
        }
        if (endpoint.kind().isSubmission()) {
            attempt(endpoint, "sending without login", this::unauthenticated);
        } else if (!endpoint.kind().isPop3()) {
            attempt(endpoint, "taking mail", this::takesMail);
            attempt(endpoint, "relaying", this::relaying);
            attempt(endpoint, "smuggling", this::smuggling);
        }
    }

    private void attempt(Endpoint endpoint, String what, Try tried) {
        try {
            tried.at(endpoint);
        } catch (IOException e) {
            warn(endpoint, what, "could not be tried: " + e);
        }
    }

    private void tell(String verdict, Endpoint endpoint, String what, String detail) {
        out.accept(new Finding(verdict, endpoint.toString(), what, detail.replaceAll("[^\\x20-\\x7E]", "?")));
    }

    private void judge(boolean good, Endpoint endpoint, String what, String detail) {
        failures += good ? 0 : 1;
        tell(good ? "ok" : "FAIL", endpoint, what, detail);
    }

    private void warn(Endpoint endpoint, String what, String detail) {
        warnings++;
        tell("WARN", endpoint, what, detail);
    }

    private static DoctorClient open(Endpoint endpoint) throws IOException {
        DoctorClient client = new DoctorClient(endpoint);
        client.reply();
        if (!endpoint.kind().isPop3()) {
            client.say((endpoint.kind() == MailservConfig.Kind.LMTP ? "LHLO" : "EHLO") + " doctor.example");
        }
        return client;
    }

    private void smtpLogin(Endpoint endpoint) throws IOException {
        try (DoctorClient client = new DoctorClient(endpoint)) {
            client.reply();
            String hello =
                    client.say((endpoint.kind() == MailservConfig.Kind.LMTP ? "LHLO" : "EHLO") + " doctor.example");
            boolean offered = Arrays.stream(hello.split(" / ", -1)).anyMatch(line -> line.startsWith("AUTH", 4));
            judge(!offered, endpoint, "login without TLS", offered ? "AUTH is offered" : "AUTH is not offered");
            String reply = client.say("AUTH PLAIN AGRvY3RvcgBkb2N0b3I=");
            // 535 would mean that the server checked the password, which had been sent in plain text.
            boolean refused = reply.startsWith("5") && !reply.startsWith("535") || reply.startsWith("(closed");
            judge(refused, endpoint, "login without TLS", "AUTH PLAIN -> " + reply);
        }
    }

    private void pop3Login(Endpoint endpoint) throws IOException {
        try (DoctorClient client = open(endpoint)) {
            String user = client.say("USER doctor@" + localDomain);
            String answer = user.startsWith("+OK") ? client.say("PASS doctor") : user;
            boolean refused = !user.startsWith("+OK");
            judge(refused, endpoint, "login without TLS", "USER" + (refused ? "" : ", PASS") + " -> " + answer);
        }
    }

    private void unauthenticated(Endpoint endpoint) throws IOException {
        try (DoctorClient client = open(endpoint)) {
            String reply = client.say("MAIL FROM:<postmaster@" + localDomain + ">");
            judge(reply.startsWith("5"), endpoint, "sending without login", "MAIL -> " + reply);
        }
    }

    /** Recipients in other domains, and notations that old servers took for local ones. */
    private Map<String, String> tricks() {
        String user = "victim";
        String domain = "mailserv-doctor.example";
        Map<String, String> tricks = new LinkedHashMap<>();
        tricks.put("<" + ELSEWHERE + ">", "stranger@doctor.example");
        tricks.put("<" + ELSEWHERE + ".>", "postmaster@" + localDomain);
        tricks.put("<" + user + "@[192.0.2.99]>", "");
        tricks.put("<@" + localDomain + ":" + ELSEWHERE + ">", "postmaster@" + localDomain);
        tricks.put("<@" + hostname + ",@" + localDomain + ":" + ELSEWHERE + ">", "postmaster@[127.0.0.1]");
        tricks.put("<" + user + "%" + domain + "@" + localDomain + ">", "postmaster@" + localDomain);
        tricks.put("<" + domain + "!" + user + "@" + localDomain + ">", "postmaster@" + localDomain);
        tricks.put("<\"" + ELSEWHERE + "\"@" + localDomain + ">", "postmaster@" + localDomain);
        tricks.put("<\"" + ELSEWHERE + "\">", "postmaster@" + localDomain);
        tricks.put("<" + ELSEWHERE + "@" + localDomain + ">", "postmaster@" + localDomain);
        tricks.put("<" + user + "@" + localDomain + "@" + domain + ">", "postmaster@" + localDomain);
        tricks.put("<" + user + "%" + domain + ">", "postmaster@" + hostname);
        tricks.put("<" + domain + "!" + user + ">", "postmaster@" + hostname);
        tricks.put(ELSEWHERE, "postmaster@" + localDomain);
        return tricks;
    }

    /** Checks that mail is accepted at all. With a full or failing disk, every other test would look well refused. */
    private void takesMail(Endpoint endpoint) throws IOException {
        try (DoctorClient client = open(endpoint)) {
            String reply = client.say("MAIL FROM:<>");
            String detail = "MAIL FROM:<> -> " + reply;
            if (reply.startsWith("250") || reply.startsWith("45") && reply.startsWith("4.3.", 4)) {
                judge(reply.startsWith("250"), endpoint, "taking mail", detail);
            } else {
                warn(endpoint, "taking mail", detail);
            }
        }
    }

    private void relaying(Endpoint endpoint) throws IOException {
        // If the domain accepts every name, a strange local part is just one more.
        boolean catchAll = recipient(endpoint, "", "<no-such-user-of-doctor@" + localDomain + ">")
                .startsWith("25");
        for (Map.Entry<String, String> trick : tricks().entrySet()) {
            String to = trick.getKey();
            String reply = recipient(endpoint, trick.getValue(), to);
            boolean local = to.endsWith("@" + localDomain + ">");
            String detail = "MAIL FROM:<" + trick.getValue() + "> RCPT TO:" + to + " -> " + reply;
            judge(!reply.startsWith("25") || local && catchAll, endpoint, "relaying", detail);
        }
    }

    /** Returns the reply to RCPT in a separate session, so that no error limit answers instead. */
    private static String recipient(Endpoint endpoint, String from, String to) throws IOException {
        try (DoctorClient client = open(endpoint)) {
            String mail = client.say("MAIL FROM:<" + from + ">");
            return mail.startsWith("250") ? client.say("RCPT TO:" + to) : "(at MAIL) " + mail;
        }
    }

    /** Tests that only CRLF . CRLF ends a message. RFC 5321, 4.1.1.4. */
    private void smuggling(Endpoint endpoint) throws IOException {
        for (String end :
                List.of("\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n\0.\r\n", "\n.\r")) {
            String name = end.replace("\r", "CR ")
                    .replace("\n", "LF ")
                    .replace("\0", "NUL ")
                    .replace(".", ". ");
            try (DoctorClient client = open(endpoint)) {
                client.say("MAIL FROM:<>");
                String rcpt = client.say("RCPT TO:<postmaster@" + localDomain + ">");
                String data = client.say("DATA");
                if (!data.startsWith("354")) {
                    warn(endpoint, "smuggling", "could not be tried: RCPT -> " + rcpt + ", DATA -> " + data);
                    return;
                }
                client.send("Subject: mailserv doctor\r\n\r\nThe end is not near" + end + "RSET\r\nNOOP\r\n");
                String reply = client.unasked(SILENCE_MILLIS);
                // An early refusal that ends the session is as good as silence.
                judge(
                        !reply.startsWith("2"),
                        endpoint,
                        "smuggling",
                        name + "-> " + (reply.isEmpty() ? "silence" : reply));
            }
        }
    }

    /** Tests that plaintext sent before the handshake is not executed inside TLS (RFC 3207, 4.2; CVE-2011-0411). */
    private void injection(Endpoint endpoint) throws IOException {
        String what = "commands behind STARTTLS";
        boolean pop3 = endpoint.kind().isPop3();
        try (DoctorClient client = open(endpoint)) {
            client.send((pop3 ? "STLS" : "STARTTLS") + "\r\nNOOP\r\n");
            String reply = client.reply();
            if (!reply.startsWith(pop3 ? "+OK" : "220")) {
                judge(!reply.startsWith("2"), endpoint, what, "refused -> " + reply);
                return;
            }
            String early = client.unasked(SILENCE_MILLIS);
            if (!early.isEmpty()) {
                judge(false, endpoint, what, "answered -> " + early);
                return;
            }
            client.secure(hostname);
            String late = client.unasked(SILENCE_MILLIS);
            judge(late.isEmpty(), endpoint, what, late.isEmpty() ? "forgotten" : "answered within TLS -> " + late);
        }
    }

    private void certificate(Endpoint endpoint) throws IOException {
        try (DoctorClient client = new DoctorClient(endpoint)) {
            if (endpoint.kind() == MailservConfig.Kind.SUBMISSIONS || endpoint.kind() == MailservConfig.Kind.POP3S) {
                judgeCertificate(endpoint, client.secure(hostname));
                return;
            }
            client.reply();
            boolean pop3 = endpoint.kind().isPop3();
            if (!pop3) {
                client.say((endpoint.kind() == MailservConfig.Kind.LMTP ? "LHLO" : "EHLO") + " doctor.example");
            }
            String reply = client.say(pop3 ? "STLS" : "STARTTLS");
            if (reply.startsWith(pop3 ? "+OK" : "220")) {
                judgeCertificate(endpoint, client.secure(hostname));
            } else {
                judge(false, endpoint, "certificate", "STARTTLS -> " + reply);
            }
        }
    }

    private void judgeCertificate(Endpoint endpoint, SSLSession session) throws IOException {
        tell("ok", endpoint, "TLS", session.getProtocol() + " " + session.getCipherSuite());
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate certificate : session.getPeerCertificates()) {
            chain.add((X509Certificate) certificate);
        }
        X509Certificate own = chain.get(0);
        Instant now = clock.instant();
        Instant end = own.getNotAfter().toInstant();
        boolean valid = now.isBefore(end) && now.isAfter(own.getNotBefore().toInstant());
        judge(valid, endpoint, "certificate", "valid from " + own.getNotBefore().toInstant() + " to " + end);
        if (valid && end.isBefore(now.plus(SOON))) {
            warn(endpoint, "certificate", "runs out soon");
        }
        String unfit = CertificateFitness.problem(own, hostname, now);
        if (unfit != null && endpoint.kind() == MailservConfig.Kind.SMTP) {
            warn(
                    endpoint,
                    "MTA-STS",
                    "our policy is served as mode testing, not enforce: the certificate is not good for it, " + unfit);
        }
        try {
            judge(isFor(own), endpoint, "certificate", "for " + String.join(", ", CertificateNames.of(own)));
            trusted().checkServerTrusted(chain.toArray(new X509Certificate[0]), "UNKNOWN");
            tell("ok", endpoint, "certificate", "of an authority that this machine trusts");
        } catch (GeneralSecurityException e) {
            warn(endpoint, "certificate", "not trusted by this machine: " + Failures.text(e));
        }
    }

    private boolean isFor(X509Certificate certificate) throws GeneralSecurityException {
        return certificate.getSubjectAlternativeNames() != null
                && CertificateFitness.covers(CertificateNames.of(certificate), hostname);
    }

    private static X509TrustManager trusted() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                return x509;
            }
        }
        throw new GeneralSecurityException("this Java has no list of authorities");
    }
}
