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
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.probe.DoctorClient.Door;
import org.mailserv.server.tls.TlsMode;

/**
 * Tries a server's doors as an outsider would, and tells what it tried. No message is ever sent to its end, so that nothing is
 * delivered unless the server is broken.
 */
public final class Doctor {
    private static final String ELSEWHERE = "victim@mailserv-doctor.example";
    private static final int SILENCE_MILLIS = 300;
    private static final Duration SOON = Duration.ofDays(14);

    private final String hostname;
    private final String localDomain;
    private final InstantSource clock;
    private final Consumer<String> out;
    private int failures;
    private int warnings;

    /** @param out takes a line for each try */
    public Doctor(String hostname, String localDomain, InstantSource clock, Consumer<String> out) {
        this.hostname = hostname;
        this.localDomain = localDomain;
        this.clock = clock;
        this.out = out;
    }

    /** A try of one door. */
    private interface Try {
        void at(Door door) throws IOException;
    }

    public int failures() {
        return failures;
    }

    public int warnings() {
        return warnings;
    }

    /**
     * Tries a door.
     *
     * @param plaintextLogin whether the configuration lets this address log in without TLS
     */
    public void examine(Door door, TlsMode tls, boolean plaintextLogin) {
        if (tls != TlsMode.NONE) {
            attempt(door, "certificate", this::certificate);
        }
        if (tls == TlsMode.IMPLICIT) {
            return;
        }
        if (plaintextLogin) {
            warn(door, "login without TLS", "skipped: the configuration lets " + door.source() + " do so");
        } else {
            attempt(door, "login without TLS", door.kind().isPop3() ? this::pop3Login : this::smtpLogin);
        }
        if (tls == TlsMode.STARTTLS) {
            attempt(door, "commands behind STARTTLS", this::injection);
        }
        if (door.kind().isSubmission()) {
            attempt(door, "sending without login", this::unauthenticated);
        } else if (!door.kind().isPop3()) {
            attempt(door, "taking mail", this::takesMail);
            attempt(door, "relaying", this::relaying);
            attempt(door, "smuggling", this::smuggling);
        }
    }

    private void attempt(Door door, String what, Try tried) {
        try {
            tried.at(door);
        } catch (IOException e) {
            warn(door, what, "could not be tried: " + e);
        }
    }

    private void tell(String verdict, Door door, String what, String detail) {
        out.accept(verdict + " " + door + " " + what + ": " + detail.replaceAll("[^\\x20-\\x7E]", "?"));
    }

    private void judge(boolean good, Door door, String what, String detail) {
        failures += good ? 0 : 1;
        tell(good ? "ok  " : "FAIL", door, what, detail);
    }

    private void warn(Door door, String what, String detail) {
        warnings++;
        tell("WARN", door, what, detail);
    }

    private static DoctorClient open(Door door) throws IOException {
        DoctorClient client = new DoctorClient(door);
        client.reply();
        if (!door.kind().isPop3()) {
            client.say((door.kind() == MailservConfig.Kind.LMTP ? "LHLO" : "EHLO") + " doctor.example");
        }
        return client;
    }

    private void smtpLogin(Door door) throws IOException {
        try (DoctorClient client = new DoctorClient(door)) {
            client.reply();
            String hello = client.say((door.kind() == MailservConfig.Kind.LMTP ? "LHLO" : "EHLO") + " doctor.example");
            boolean offered = Arrays.stream(hello.split(" / ", -1)).anyMatch(line -> line.startsWith("AUTH", 4));
            judge(!offered, door, "login without TLS", offered ? "AUTH is offered" : "AUTH is not offered");
            String reply = client.say("AUTH PLAIN AGRvY3RvcgBkb2N0b3I=");
            // 535 would mean that it has looked at the password, which was in the open by then.
            boolean refused = reply.startsWith("5") && !reply.startsWith("535") || reply.startsWith("(closed");
            judge(refused, door, "login without TLS", "AUTH PLAIN -> " + reply);
        }
    }

    private void pop3Login(Door door) throws IOException {
        try (DoctorClient client = open(door)) {
            String user = client.say("USER doctor@" + localDomain);
            String answer = user.startsWith("+OK") ? client.say("PASS doctor") : user;
            boolean refused = !user.startsWith("+OK");
            judge(refused, door, "login without TLS", "USER" + (refused ? "" : ", PASS") + " -> " + answer);
        }
    }

    private void unauthenticated(Door door) throws IOException {
        try (DoctorClient client = open(door)) {
            String reply = client.say("MAIL FROM:<postmaster@" + localDomain + ">");
            judge(reply.startsWith("5"), door, "sending without login", "MAIL -> " + reply);
        }
    }

    /** Recipients elsewhere, and ways to write them that old servers took for local ones. */
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

    /** A disk that is full or fails shows here first: without this all else would look well refused. */
    private void takesMail(Door door) throws IOException {
        try (DoctorClient client = open(door)) {
            String reply = client.say("MAIL FROM:<>");
            String detail = "MAIL FROM:<> -> " + reply;
            if (reply.startsWith("250") || reply.startsWith("45") && reply.startsWith("4.3.", 4)) {
                judge(reply.startsWith("250"), door, "taking mail", detail);
            } else {
                warn(door, "taking mail", detail);
            }
        }
    }

    private void relaying(Door door) throws IOException {
        // Where all names of a domain are taken, a strange local part is just one more.
        boolean catchAll = recipient(door, "", "<no-such-user-of-doctor@" + localDomain + ">")
                .startsWith("25");
        for (Map.Entry<String, String> trick : tricks().entrySet()) {
            String to = trick.getKey();
            String reply = recipient(door, trick.getValue(), to);
            boolean local = to.endsWith("@" + localDomain + ">");
            String detail = "MAIL FROM:<" + trick.getValue() + "> RCPT TO:" + to + " -> " + reply;
            judge(!reply.startsWith("25") || local && catchAll, door, "relaying", detail);
        }
    }

    /** What RCPT gets in a session of its own, so that no bound on errors answers instead. */
    private static String recipient(Door door, String from, String to) throws IOException {
        try (DoctorClient client = open(door)) {
            String mail = client.say("MAIL FROM:<" + from + ">");
            return mail.startsWith("250") ? client.say("RCPT TO:" + to) : "(at MAIL) " + mail;
        }
    }

    /** RFC 5321, 4.1.1.4: only CRLF . CRLF ends a message. */
    private void smuggling(Door door) throws IOException {
        for (String end :
                List.of("\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\r\n\0.\r\n", "\n.\r")) {
            String name = end.replace("\r", "CR ")
                    .replace("\n", "LF ")
                    .replace("\0", "NUL ")
                    .replace(".", ". ");
            try (DoctorClient client = open(door)) {
                client.say("MAIL FROM:<>");
                String rcpt = client.say("RCPT TO:<postmaster@" + localDomain + ">");
                String data = client.say("DATA");
                if (!data.startsWith("354")) {
                    warn(door, "smuggling", "could not be tried: RCPT -> " + rcpt + ", DATA -> " + data);
                    return;
                }
                client.send("Subject: mailserv doctor\r\n\r\nThe end is not near" + end + "RSET\r\nNOOP\r\n");
                String reply = client.unasked(SILENCE_MILLIS);
                // An early refusal with the end of the session is as good as silence.
                judge(!reply.startsWith("2"), door, "smuggling", name + "-> " + (reply.isEmpty() ? "silence" : reply));
            }
        }
    }

    /** What came in plain text must not be taken for what came in TLS. RFC 3207, 4.2; CVE-2011-0411 */
    private void injection(Door door) throws IOException {
        String what = "commands behind STARTTLS";
        boolean pop3 = door.kind().isPop3();
        try (DoctorClient client = open(door)) {
            client.send((pop3 ? "STLS" : "STARTTLS") + "\r\nNOOP\r\n");
            String reply = client.reply();
            if (!reply.startsWith(pop3 ? "+OK" : "220")) {
                judge(!reply.startsWith("2"), door, what, "refused -> " + reply);
                return;
            }
            String early = client.unasked(SILENCE_MILLIS);
            if (!early.isEmpty()) {
                judge(false, door, what, "answered -> " + early);
                return;
            }
            client.secure(hostname);
            String late = client.unasked(SILENCE_MILLIS);
            judge(late.isEmpty(), door, what, late.isEmpty() ? "forgotten" : "answered within TLS -> " + late);
        }
    }

    private void certificate(Door door) throws IOException {
        try (DoctorClient client = new DoctorClient(door)) {
            if (door.kind() == MailservConfig.Kind.SUBMISSIONS || door.kind() == MailservConfig.Kind.POP3S) {
                judgeCertificate(door, client.secure(hostname));
                return;
            }
            client.reply();
            boolean pop3 = door.kind().isPop3();
            if (!pop3) {
                client.say((door.kind() == MailservConfig.Kind.LMTP ? "LHLO" : "EHLO") + " doctor.example");
            }
            String reply = client.say(pop3 ? "STLS" : "STARTTLS");
            if (reply.startsWith(pop3 ? "+OK" : "220")) {
                judgeCertificate(door, client.secure(hostname));
            } else {
                judge(false, door, "certificate", "STARTTLS -> " + reply);
            }
        }
    }

    private void judgeCertificate(Door door, SSLSession session) throws IOException {
        tell("ok  ", door, "TLS", session.getProtocol() + " " + session.getCipherSuite());
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate certificate : session.getPeerCertificates()) {
            chain.add((X509Certificate) certificate);
        }
        X509Certificate own = chain.get(0);
        Instant now = clock.instant();
        Instant end = own.getNotAfter().toInstant();
        boolean valid = now.isBefore(end) && now.isAfter(own.getNotBefore().toInstant());
        judge(valid, door, "certificate", "valid from " + own.getNotBefore().toInstant() + " to " + end);
        if (valid && end.isBefore(now.plus(SOON))) {
            warn(door, "certificate", "runs out soon");
        }
        try {
            judge(
                    isFor(own),
                    door,
                    "certificate",
                    "is for " + hostname + "? names: " + own.getSubjectAlternativeNames());
            trusted().checkServerTrusted(chain.toArray(new X509Certificate[0]), "UNKNOWN");
            tell("ok  ", door, "certificate", "of an authority that this machine trusts");
        } catch (GeneralSecurityException e) {
            warn(door, "certificate", "of nobody that this machine trusts (self-signed?): " + e.getMessage());
        }
    }

    private boolean isFor(X509Certificate certificate) throws GeneralSecurityException {
        if (certificate.getSubjectAlternativeNames() == null) {
            return false;
        }
        String name = hostname.toLowerCase(Locale.ROOT);
        String wildcard = "*" + name.substring(Math.max(0, name.indexOf('.')));
        // Kind 2 is a DNS name. RFC 5280, 4.2.1.6
        return certificate.getSubjectAlternativeNames().stream()
                .filter(entry -> Integer.valueOf(2).equals(entry.get(0)))
                .map(entry -> String.valueOf(entry.get(1)).toLowerCase(Locale.ROOT))
                .anyMatch(known -> known.equals(name) || known.equals(wildcard));
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
