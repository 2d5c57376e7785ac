package org.mailserv.acme.ca;

import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mailserv.acme.challenge.ChallengeSolver;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.AcmeConfig;
import org.shredzone.acme4j.Authorization;
import org.shredzone.acme4j.Identifier;
import org.shredzone.acme4j.Order;
import org.shredzone.acme4j.OrderBuilder;
import org.shredzone.acme4j.Problem;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.challenge.Challenge;
import org.shredzone.acme4j.challenge.Dns01Challenge;
import org.shredzone.acme4j.challenge.TlsAlpn01Challenge;
import org.shredzone.acme4j.challenge.TokenChallenge;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeRateLimitedException;
import org.shredzone.acme4j.exception.AcmeServerException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One order: its authorizations, its challenges, and the certificate. RFC 8555, 7.4. */
final class CertificateOrder {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateOrder.class);
    /** Problems that concern names rather than the account or the CA. RFC 8555, 6.7. */
    private static final Set<String> ABOUT_NAMES =
            Set.of("rejectedIdentifier", "unsupportedIdentifier", "caa", "dns", "connection", "tls", "unauthorized");

    private final AcmeConfig config;
    private final ChallengeSolver solver;
    private final Explanations explanations;
    private final List<String> names;
    private final Map<String, String> refused = new LinkedHashMap<>();

    /** A challenge whose proof has been published. */
    private record Pending(String name, Challenge challenge, ChallengeSolver.Proof proof) {}

    /** @param names the host name first */
    CertificateOrder(AcmeConfig config, ChallengeSolver solver, Explanations explanations, List<String> names) {
        this.config = config;
        this.solver = solver;
        this.explanations = explanations;
        this.names = List.copyOf(names);
    }

    /**
     * Carries the order out.
     *
     * @return the certificate chain
     * @throws NamesRefusedException if the CA does not validate some names
     */
    List<X509Certificate> complete(OrderBuilder builder, KeyPair key)
            throws AcmeException, NamesRefusedException, IssueException, InterruptedException {
        try {
            Order order = builder.domains(names).create();
            authorize(order);
            if (!refused.isEmpty()) {
                throw new NamesRefusedException(refused, null);
            }
            requireNot(Status.INVALID, order.waitUntilReady(config.timeout()), order);
            if (order.getStatus() == Status.READY) {
                order.execute(key);
            }
            requireNot(Status.INVALID, order.waitForCompletion(config.timeout()), order);
            List<X509Certificate> chain = order.getCertificate().getCertificateChain();
            if (!chain.get(0).getPublicKey().equals(key.getPublic())) {
                throw new IssueException(
                        "the CA issued a certificate for another key", "ask the CA; the server tries again");
            }
            return chain;
        } catch (AcmeServerException e) {
            throw aboutNames(e);
        }
    }

    private void requireNot(Status failed, Status status, Order order) throws NamesRefusedException, IssueException {
        if (status != failed) {
            return;
        }
        Optional<Problem> problem = order.getError();
        if (problem.isPresent() && ABOUT_NAMES.contains(Explanations.type(problem.get()))) {
            throw new NamesRefusedException(culprits(problem.get()), null);
        }
        throw new IssueException(
                "the CA gave up the order"
                        + problem.map(each -> ": " + Explanations.text(each)).orElse(""),
                "the server tries again");
    }

    /** Turns a refused request into the names that it concerns, if it concerns names. */
    private NamesRefusedException aboutNames(AcmeServerException e) throws AcmeServerException {
        String type = Explanations.type(e.getProblem());
        if (type.equals("alreadyReplaced")) {
            return NamesRefusedException.replacement();
        } else if (!ABOUT_NAMES.contains(type) || e instanceof AcmeRateLimitedException) {
            throw e;
        }
        return new NamesRefusedException(culprits(e.getProblem()), null);
    }

    /** Returns the names that a problem is about. If the CA does not say, those are all but the host name, unless there are no others. */
    private Map<String, String> culprits(Problem problem) {
        Map<String, String> found = new LinkedHashMap<>();
        for (Problem each : problem.getSubProblems()) {
            each.getIdentifier()
                    .map(Identifier::getDomain)
                    .ifPresent(name -> found.put(name.toLowerCase(Locale.ROOT), explanations.refusal(name, each)));
        }
        if (found.isEmpty()) {
            String text = problem.toString().toLowerCase(Locale.ROOT);
            // The longest first: the host name may be the end of another name.
            names.stream()
                    .sorted((one, other) -> other.length() - one.length())
                    .filter(name -> text.matches(
                            "(?s).*(^|[^a-z0-9.-])" + java.util.regex.Pattern.quote(name) + "([^a-z0-9-].*|$)"))
                    .forEach(name -> found.put(name, explanations.refusal(name, problem)));
        }
        if (found.isEmpty()) {
            List<String> all = names.size() > 1 ? names.subList(1, names.size()) : names;
            all.forEach(name -> found.put(name, explanations.refusal(name, problem)));
        }
        return found;
    }

    private void authorize(Order order) throws AcmeException, InterruptedException {
        List<Pending> pending = new ArrayList<>();
        try {
            for (Authorization authorization : order.getAuthorizations()) {
                publish(authorization, pending);
            }
            if (!pending.isEmpty()) {
                solver.settle();
            }
            for (Pending each : pending) {
                each.challenge().trigger();
            }
            for (Pending each : pending) {
                await(each);
            }
        } finally {
            pending.forEach(each -> solver.withdraw(each.proof()));
        }
    }

    private void publish(Authorization authorization, List<Pending> pending) throws AcmeException {
        String name = authorization.getIdentifier().getDomain().toLowerCase(Locale.ROOT);
        String asOrdered = authorization.isWildcard() ? "*." + name : name;
        if (authorization.getStatus() == Status.VALID) {
            return;
        }
        Optional<Challenge> offered =
                authorization.findChallenge(config.challenge().protocolName());
        if (authorization.getStatus() != Status.PENDING || offered.isEmpty()) {
            refused.put(
                    asOrdered,
                    "the CA does not offer " + config.challenge().protocolName()
                            + " for it (choose another tls.acme.challenge)");
            return;
        }
        ChallengeSolver.Proof proof = proof(name, (TokenChallenge) offered.get());
        try {
            solver.publish(proof);
            pending.add(new Pending(asOrdered, offered.get(), proof));
        } catch (IOException e) {
            LOG.warn("event=acme-proof-failed name={} reason=\"{}\"", name, Failures.text(e));
            refused.put(asOrdered, Explanations.clean(Failures.text(e)));
        }
    }

    private static ChallengeSolver.Proof proof(String name, TokenChallenge challenge) {
        String digest = challenge instanceof Dns01Challenge dns ? dns.getDigest() : "";
        String authorization = challenge.getAuthorization();
        String token = authorization.substring(0, authorization.indexOf('.'));
        return new ChallengeSolver.Proof(name, token, authorization, digest, key -> {
            if (challenge instanceof TlsAlpn01Challenge alpn) {
                return alpn.createCertificate(key, Identifier.dns(name));
            }
            throw new IllegalStateException("not a TLS-ALPN challenge: " + challenge.getType());
        });
    }

    private void await(Pending each) throws AcmeException, InterruptedException {
        try {
            if (each.challenge().waitForCompletion(config.timeout()) == Status.VALID) {
                return;
            }
            refused.put(
                    each.name(),
                    each.challenge()
                            .getError()
                            .map(problem -> explanations.refusal(each.name(), problem))
                            .orElse("the CA could not validate it and did not say why"));
        } catch (AcmeServerException e) {
            throw e;
        } catch (AcmeException e) {
            if (e.getClass() != AcmeException.class) {
                throw e;
            }
            // The library's way to say that the time is over.
            refused.put(
                    each.name(),
                    "the CA did not validate it within " + config.timeout().toSeconds() + " s (tls.acme.timeout)");
        }
    }
}
