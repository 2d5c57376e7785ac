package org.mailserv.acme.ca;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.mailserv.acme.challenge.ChallengeSolver;
import org.mailserv.acme.files.AcmeFolder;
import org.mailserv.server.text.Failures;
import org.mailserv.server.tls.AcmeConfig;
import org.shredzone.acme4j.Account;
import org.shredzone.acme4j.AccountBuilder;
import org.shredzone.acme4j.Login;
import org.shredzone.acme4j.OrderBuilder;
import org.shredzone.acme4j.RenewalInfo;
import org.shredzone.acme4j.Session;
import org.shredzone.acme4j.connector.Resource;
import org.shredzone.acme4j.exception.AcmeException;
import org.shredzone.acme4j.exception.AcmeProtocolException;
import org.shredzone.acme4j.toolbox.AcmeUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A CA that speaks ACME (RFC 8555), by acme4j. Confined to one thread. */
public final class Acme4jAuthority implements CertificateAuthority {
    private static final Logger LOG = LoggerFactory.getLogger(Acme4jAuthority.class);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration ASK_AGAIN = Duration.ofHours(6);
    private static final Duration ASK_AGAIN_AT_LEAST = Duration.ofMinutes(1);
    private static final Duration ASK_AGAIN_AT_MOST = Duration.ofDays(1);
    /** Orders per attempt: each of the later ones leaves out names that the CA could not validate before. */
    private static final int MAX_ORDERS = 4;

    private final AcmeConfig config;
    private final AcmeFolder folder;
    private final ChallengeSolver solver;
    private final Explanations explanations;

    public Acme4jAuthority(AcmeConfig config, AcmeFolder folder, ChallengeSolver solver) {
        this.config = config;
        this.folder = folder;
        this.solver = solver;
        this.explanations = new Explanations(config);
    }

    @Override
    public Issued issue(Request request) throws IssueException, InterruptedException {
        CaProvider provider = new CaProvider(config.directoryCa());
        try {
            Session session = session(provider);
            Login login = login(session);
            return orders(login, request);
        } catch (AcmeException e) {
            throw explanations.explain(e, provider.takeRetryAfter());
        } catch (AcmeProtocolException | IllegalArgumentException e) {
            throw garbled(e);
        } catch (IOException e) {
            throw local(e);
        }
    }

    private IssueException garbled(RuntimeException e) {
        return new IssueException(
                "the CA " + config.directory().getHost() + " answers in a way that cannot be read",
                "look whether tls.acme.directory is the directory of a CA",
                null,
                e);
    }

    private static IssueException local(IOException e) {
        return new IssueException(Failures.text(e), "look at the data folder and its free space", null, e);
    }

    private Session session(CaProvider provider) {
        Session session = new Session(config.directory(), provider);
        session.networkSettings().setTimeout(REQUEST_TIMEOUT);
        session.setLocale(java.util.Locale.ENGLISH);
        return session;
    }

    /** Creates the account, or finds it by its key: the CA may have forgotten it. RFC 8555, 7.3.1. */
    private Login login(Session session) throws AcmeException, IOException {
        AccountBuilder builder = new AccountBuilder().useKeyPair(folder.accountKey());
        builder.agreeToTermsOfService();
        String email = config.email();
        if (email != null) {
            builder.addEmail(email);
        }
        String keyId = config.externalAccount().keyId();
        String secret = config.externalAccount().secret();
        if (keyId != null && secret != null) {
            builder.withKeyIdentifier(keyId, secret);
        }
        Login login = builder.createLogin(session);
        if (email != null) {
            updateContact(login.getAccount(), URI.create("mailto:" + email));
        }
        return login;
    }

    private static void updateContact(Account account, URI contact) throws AcmeException {
        List<URI> known = account.getContacts();
        // Some CAs do not store contacts. Those that do show another one until it is replaced.
        if (!known.isEmpty() && !known.contains(contact)) {
            Account.EditableAccount change = account.modify();
            change.getContacts().clear();
            change.addContact(contact).commit();
        }
    }

    private Issued orders(Login login, Request request) throws AcmeException, IssueException, InterruptedException {
        Map<String, String> refused = new LinkedHashMap<>();
        List<String> names = new ArrayList<>();
        names.add(request.host());
        names.addAll(request.others());
        boolean replaces = request.replaces() != null;
        for (int i = 1; ; i++) {
            CertificateOrder order = new CertificateOrder(config, solver, explanations, names);
            try {
                List<X509Certificate> chain = order.complete(builder(login, request, replaces), request.key());
                return new Issued(chain, refused);
            } catch (NamesRefusedException e) {
                if (e.isAboutReplacement()) {
                    replaces = false;
                    continue;
                }
                String own = e.refused().get(request.host());
                if (own != null || i == MAX_ORDERS) {
                    throw new IssueException(
                            own == null ? e.summary() : request.host() + ": " + own,
                            "the server tries again",
                            e.notBefore(),
                            e);
                }
                e.refused()
                        .forEach((name, reason) ->
                                LOG.warn("event=acme-name-left-out name={} reason=\"{}\"", name, reason));
                refused.putAll(e.refused());
                names.removeAll(e.refused().keySet());
                if (request.covered().containsAll(names)) {
                    return new Issued(List.of(), refused);
                }
            }
        }
    }

    private OrderBuilder builder(Login login, Request request, boolean replaces) throws AcmeException {
        OrderBuilder builder = login.newOrder();
        String profile = config.profile();
        if (profile != null) {
            builder.profile(profile);
        }
        X509Certificate old = request.replaces();
        if (old != null && replaces && renewalUrl(login.getSession()).isPresent() && hasIssuerKey(old)) {
            builder.replaces(old);
        }
        return builder;
    }

    private static Optional<URL> renewalUrl(Session session) throws AcmeException {
        return session.resourceUrlOptional(Resource.RENEWAL_INFO);
    }

    /** Returns whether a certificate names its issuer's key, which is part of its identifier. RFC 9773, 4.1. */
    private static boolean hasIssuerKey(X509Certificate certificate) {
        return certificate.getExtensionValue("2.5.29.35") != null;
    }

    @Override
    public @Nullable Suggestion suggestion(X509Certificate certificate) throws IssueException {
        CaProvider provider = new CaProvider(config.directoryCa());
        try {
            Session session = session(provider);
            Optional<URL> base = renewalUrl(session);
            if (base.isEmpty() || !hasIssuerKey(certificate)) {
                return null;
            }
            URL url = new URL(base.get() + "/" + AcmeUtils.getRenewalUniqueIdentifier(certificate));
            KeyPair account = folder.accountKey();
            RenewalInfo info =
                    session.login(config.directory().toURL(), account).bindRenewalInfo(url);
            Optional<Instant> again = info.fetch();
            Instant start = info.getSuggestedWindowStart();
            Instant end = info.getSuggestedWindowEnd();
            if (!end.isAfter(start)) {
                throw new AcmeProtocolException("the suggested window ends before it starts");
            }
            String page = info.getExplanation().map(URL::toString).orElse("");
            return new Suggestion(start, end, askAgain(again), Explanations.clean(page));
        } catch (AcmeException e) {
            throw explanations.explain(e, provider.takeRetryAfter());
        } catch (AcmeProtocolException | IllegalArgumentException e) {
            throw garbled(e);
        } catch (IOException e) {
            throw local(e);
        }
    }

    /** Returns the time of the next request, within reasonable limits. RFC 9773, 4.3.2. */
    private static Instant askAgain(Optional<Instant> wanted) {
        Instant now = Instant.now();
        Instant earliest = now.plus(ASK_AGAIN_AT_LEAST);
        Instant latest = now.plus(ASK_AGAIN_AT_MOST);
        Instant time = wanted.orElse(now.plus(ASK_AGAIN));
        return time.isBefore(earliest) ? earliest : time.isAfter(latest) ? latest : time;
    }
}
