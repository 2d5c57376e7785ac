package org.mailserv.acme.ca;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.AcmeConfig;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeNetworkException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;

/** Failures of the CA and of the way to it in words, each with a remedy. */
final class Explanations {
    private static final String PREFIX = "urn:ietf:params:acme:error:";
    private static final int LONGEST = 300;
    private static final int HTTPS_PORT = 443;

    private final AcmeConfig config;

    Explanations(AcmeConfig config) {
        this.config = config;
    }

    private String ca() {
        return String.valueOf(config.directory().getHost());
    }

    /**
     * Explains a failed request.
     *
     * @param retryAfter time that a response without a problem document asked for; null for none
     */
    IssueException explain(AcmeException failure, @Nullable Instant retryAfter) {
        if (failure instanceof AcmeNetworkException) {
            return network(failure);
        } else if (failure instanceof AcmeServerException refusal) {
            Instant until = failure instanceof AcmeRateLimitedException limited
                    ? limited.getRetryAfter().orElse(retryAfter)
                    : retryAfter;
            Problem problem = refusal.getProblem();
            String text = "the CA " + ca() + " refuses the request: " + text(problem);
            return new IssueException(
                    text, remedy(type(problem), config.directory().getHost()), until, failure);
        }
        return new IssueException(
                "the CA " + ca() + " answers with an error: " + clean(Failures.text(failure)),
                "the server tries again; if it stays, look at the status page of the CA and at tls.acme.directory",
                retryAfter,
                failure);
    }

    private IssueException network(AcmeException failure) {
        int port = config.directory().getPort();
        String way = "let this machine connect to port " + (port < 0 ? HTTPS_PORT : port) + " of " + ca()
                + " (firewall, DNS); the server tries again";
        String problem = "the CA " + ca() + " cannot be reached";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
                return new IssueException(problem + ": its name has no address", way, null, failure);
            } else if (cause instanceof CertPathBuilderException || cause instanceof CertificateException) {
                return new IssueException(
                        problem + ": its HTTPS certificate is not trusted",
                        "for a private CA, name its root certificate in tls.acme.directory-ca; otherwise look who"
                                + " answers on this way",
                        null,
                        failure);
            }
        }
        Throwable cause = failure.getCause();
        String reason = cause instanceof HttpTimeoutException
                ? ": no answer in time"
                : cause instanceof ConnectException
                        ? ": the connection is refused or there is no route"
                        : cause instanceof SSLException ? ": the TLS handshake fails" : ": the connection was closed";
        return new IssueException(problem + reason, way, null, failure);
    }

    /** Returns the type of a problem without the prefix of RFC 8555, 6.7. */
    static String type(Problem problem) {
        return problem.getType().toString().replace(PREFIX, "");
    }

    static String text(Problem problem) {
        return clean(problem.toString());
    }

    /** Returns a text of the CA in one line of bounded length. */
    static String clean(String text) {
        String line =
                text.replaceAll("[\\p{Cntrl}\\s]+", " ").replace('"', '\'').strip();
        return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
    }

    /** Returns the problem and the remedy for a name that could not be validated, in one line. */
    String refusal(String name, Problem problem) {
        return text(problem) + " (" + remedy(type(problem), name) + ")";
    }

    /** Returns the remedy for a type of problem. RFC 8555, 6.7. */
    String remedy(String type, String name) {
        return switch (type) {
            case "dns" ->
                "publish an address (A or AAAA record) of this server for " + name
                        + ", and look that all name servers of the domain answer";
            case "connection" ->
                "let the CA reach " + name + " on " + port()
                        + ": firewall, port forwarding, and the A and AAAA records";
            case "tls" -> "look which server answers on port 443 of " + name;
            case "unauthorized", "incorrectResponse" -> another(name);
            case "caa" -> "permit this CA in the CAA records of " + name + ", or remove them";
            case "rateLimited" -> "wait; the server keeps to the limits of the CA";
            case "rejectedIdentifier", "unsupportedIdentifier", "malformed" ->
                "look whether " + name + " is a public name that the CA may certify";
            case "externalAccountRequired" -> "create an account at the CA, and set tls.acme.external-account";
            case "invalidContact", "unsupportedContact" -> "correct tls.acme.email";
            case "userActionRequired" -> "agree to the new terms of service on the page of the CA";
            default -> "the server tries again; if it stays, ask the CA";
        };
    }

    private String port() {
        return config.challenge() == AcmeConfig.Challenge.TLS_ALPN_01 ? "port 443" : "port 80";
    }

    private String another(String name) {
        return switch (config.challenge()) {
            case HTTP_01 ->
                "another server answers on port 80 of " + name
                        + ": correct its address, or let that server pass /.well-known/acme-challenge/ on to this one";
            case TLS_ALPN_01 ->
                "another server answers on port 443 of " + name
                        + ": correct its address, or let that server pass the protocol acme-tls/1 on to this one";
            case DNS_01 ->
                "the CA does not see the TXT record: look at the name servers of " + name
                        + ", or raise tls.acme.dns.propagation-wait";
        };
    }
}
