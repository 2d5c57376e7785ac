package org.mailserv.acme;

import java.io.IOException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.mailserv.acme.ca.CertificateAuthority;
import org.mailserv.acme.ca.IssueException;
import org.mailserv.acme.files.AcmeFolder;
import org.mailserv.acme.files.AcmeState;
import org.mailserv.acme.files.AcmeState.Text;
import org.mailserv.acme.files.AcmeState.Time;
import org.mailserv.acme.files.HeldCertificate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decisions about the certificate: whether a new one is due, which names and which key it has, and when to try again. Each step is
 * stored before it begins, so that a server that is stopped in the middle counts it. All methods block and are called by one thread.
 */
final class CertificateUpkeep {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateUpkeep.class);
    private static final Duration LONGEST_SLEEP = Duration.ofHours(1);
    private static final Duration SHORTEST_SLEEP = Duration.ofSeconds(1);
    private static final Duration ROLLOVER_SLEEP = Duration.ofMinutes(10);
    private static final Duration NO_SUGGESTION_SLEEP = Duration.ofDays(1);

    private final AcmeServices services;
    private final AcmeFolder folder;
    private final AcmeState state;
    private final WantedNames names;
    private final RenewalTime times;
    private final KeyRollover rollover;
    private final FailureMail mail;
    private final Consumer<AcmeStatus> status;

    /** Reads the stored state. Blocks. */
    CertificateUpkeep(AcmeServices services, Consumer<AcmeStatus> status) throws IOException {
        this.services = services;
        this.folder = services.folder();
        this.state = AcmeState.read(folder);
        this.names = new WantedNames(services.host(), services.config().domains(), services.domains(), services.dns());
        this.times = new RenewalTime(services.config(), services.random());
        this.rollover = new KeyRollover(services.config().rollover(), folder, state, services.dns(), names.host());
        this.mail = new FailureMail(services.notices(), state, names.host());
        this.status = status;
    }

    /** An occasion for a step. */
    enum Occasion {
        SCHEDULE,
        /** The operator wants an attempt now. It does not wait for our own back-off, but for that of the CA. */
        RENEW,
        /** The operator wants another key, after the TLSA record of the next one is published. */
        ROLLOVER,
        /** The operator wants another key now. */
        ROLLOVER_NOW
    }

    /** Does what is due, and returns the time until the next step. */
    Duration step(Occasion occasion) throws IOException, InterruptedException {
        Instant now = services.clock().instant();
        HeldCertificate held = folder.certificate();
        if (occasion == Occasion.ROLLOVER && !rollover.isRequested()) {
            rollover.request(now);
            announceRollover();
        } else if (rollover.beginIfOld(now)) {
            announceRollover();
        }
        forgetOtherCa();
        boolean change = occasion == Occasion.ROLLOVER_NOW || rollover.isReady(now);
        if (held != null) {
            askSuggestion(held, now);
        }
        List<String> wanted = wanted(held, occasion, now);
        boolean renewal = isRenewalDue(held, occasion, now);
        boolean due = renewal || change || held == null || !held.names().containsAll(wanted);
        if (due && mayTry(occasion, now)) {
            Set<String> covered = renewal || change || held == null ? Set.of() : held.names();
            attempt(held, wanted, change, covered, now);
            held = folder.certificate();
        }
        report(held);
        return sleep(held, now);
    }

    private void announceRollover() throws IOException {
        TlsaRecord next = TlsaRecord.of(names.host(), folder.nextKey().getPublic());
        LOG.info("event=key-rollover-begun host={} next-record=\"{}\"", names.host(), next);
        mail.rolloverBegun(next);
    }

    /** Forgets the limits of a CA that is not in use any more. */
    private void forgetOtherCa() throws IOException {
        String directory = services.config().directory().toString();
        String before = state.text(Text.ATTEMPTED_DIRECTORY);
        if (before.equals(directory)) {
            return;
        }
        Stream.of(Time.NOT_BEFORE, Time.CA_NOT_BEFORE, Time.ASK_SUGGESTION_AT, Time.SUGGESTED_START, Time.SUGGESTED_END)
                .forEach(time -> state.set(time, null));
        state.leftOut().keySet().forEach(state::admit);
        state.setFailures(0);
        state.set(Text.PROBLEM, "");
        state.set(Text.ATTEMPTED_DIRECTORY, directory);
        state.save();
    }

    private List<String> wanted(@Nullable HeldCertificate held, Occasion occasion, Instant now)
            throws InterruptedException {
        Map<String, AcmeState.LeftOut> leftOut = state.leftOut();
        List<String> others = names.others(held == null ? Set.of() : held.names());
        Set<String> gone = new HashSet<>(leftOut.keySet());
        others.forEach(gone::remove);
        gone.forEach(state::admit);
        List<String> wanted = new ArrayList<>();
        wanted.add(names.host());
        for (String name : others) {
            AcmeState.LeftOut entry = leftOut.get(name);
            if (entry == null || occasion == Occasion.RENEW || !now.isBefore(entry.until())) {
                wanted.add(name);
            }
        }
        return wanted;
    }

    private boolean isRenewalDue(@Nullable HeldCertificate held, Occasion occasion, Instant now) {
        if (held == null || occasion == Occasion.RENEW) {
            return true;
        }
        String directory = services.config().directory().toString();
        Instant renewAt = renewAt(held);
        return !now.isBefore(renewAt) || !state.text(Text.DIRECTORY).equals(directory);
    }

    /** Returns the stored renewal time, or a new one if it does not belong to this certificate. */
    private Instant renewAt(HeldCertificate held) {
        Instant stored = state.time(Time.RENEW_AT);
        boolean fits = stored != null && stored.isAfter(held.notBefore()) && stored.isBefore(held.notAfter());
        if (stored != null && fits) {
            return stored;
        }
        Instant chosen = times.ownChoice(held.notBefore(), held.notAfter());
        state.set(Time.RENEW_AT, chosen);
        return chosen;
    }

    private boolean mayTry(Occasion occasion, Instant now) {
        Instant own = state.time(Time.NOT_BEFORE);
        Instant ca = state.time(Time.CA_NOT_BEFORE);
        boolean ownIsOver = own == null || !now.isBefore(own) || occasion != Occasion.SCHEDULE;
        return ownIsOver && (ca == null || !now.isBefore(ca));
    }

    /** Asks the CA for its renewal window when that is due. RFC 9773. A failure changes nothing. */
    private void askSuggestion(HeldCertificate held, Instant now) throws IOException {
        Instant next = state.time(Time.ASK_SUGGESTION_AT);
        String directory = services.config().directory().toString();
        if (next != null && now.isBefore(next) || !state.text(Text.DIRECTORY).equals(directory)) {
            return;
        }
        Instant again = now.plus(NO_SUGGESTION_SLEEP);
        try {
            CertificateAuthority.Suggestion found = services.ca().suggestion(held.certificate());
            if (found != null) {
                again = found.askAgain();
                use(found, held);
            }
        } catch (IssueException e) {
            again = now.plus(LONGEST_SLEEP);
            LOG.info("event=acme-suggestion-failed reason=\"{}\"", e.problem());
        }
        state.set(Time.ASK_SUGGESTION_AT, again);
        state.save();
    }

    private void use(CertificateAuthority.Suggestion found, HeldCertificate held) {
        boolean known = found.start().equals(state.time(Time.SUGGESTED_START))
                && found.end().equals(state.time(Time.SUGGESTED_END));
        if (known) {
            // Another random time at each request would move towards the start of the window.
            return;
        }
        state.set(Time.SUGGESTED_START, found.start());
        state.set(Time.SUGGESTED_END, found.end());
        Instant chosen = times.within(found.start(), found.end(), held.notBefore(), held.notAfter());
        state.set(Time.RENEW_AT, chosen);
        LOG.info(
                "event=acme-renewal-suggested from={} to={} chosen={} page=\"{}\"",
                found.start(),
                found.end(),
                chosen,
                found.explanation());
    }

    private void attempt(
            @Nullable HeldCertificate held, List<String> wanted, boolean change, Set<String> covered, Instant now)
            throws IOException, InterruptedException {
        int number = state.failures() + 1;
        state.setFailures(number);
        state.set(Time.NOT_BEFORE, now.plus(times.delay(number)));
        state.set(Time.LAST_ATTEMPT, now);
        state.save();
        report(held);
        KeyPair key = change ? folder.nextKey() : folder.key();
        LOG.info("event=certificate-requested names={} attempt={}", wanted, number);
        try {
            CertificateAuthority.Issued issued = services.ca()
                    .issue(new CertificateAuthority.Request(
                            names.host(),
                            wanted.subList(1, wanted.size()),
                            key,
                            held == null ? null : held.certificate(),
                            covered));
            succeeded(issued, held, key, change);
        } catch (IssueException e) {
            failed(e, held);
        }
    }

    private void failed(IssueException e, @Nullable HeldCertificate held) throws IOException {
        state.set(Text.PROBLEM, e.problem());
        state.set(Text.REMEDY, e.remedy());
        state.set(Time.CA_NOT_BEFORE, e.notBefore());
        LOG.warn(
                "event=certificate-failed problem=\"{}\" remedy=\"{}\" attempt={} next={}",
                e.problem(),
                e.remedy(),
                state.failures(),
                nextAttempt());
        LOG.debug("event=certificate-failed-because", e);
        mail.failed(services.clock().instant(), held == null ? null : held.notAfter());
        state.save();
    }

    private void succeeded(
            CertificateAuthority.Issued issued, @Nullable HeldCertificate held, KeyPair key, boolean change)
            throws IOException {
        Instant now = services.clock().instant();
        HeldCertificate current = held;
        if (!issued.chain().isEmpty()) {
            current = new HeldCertificate(issued.chain(), key.getPrivate());
            folder.writeCertificate(current);
            state.set(Text.DIRECTORY, services.config().directory().toString());
            Stream.of(Time.ASK_SUGGESTION_AT, Time.SUGGESTED_START, Time.SUGGESTED_END, Time.RENEW_AT)
                    .forEach(time -> state.set(time, null));
            renewAt(current);
            LOG.info("event=certificate-issued names={} until={}", current.names(), current.notAfter());
        }
        Instant later = now.plus(times.delayOfName());
        state.leftOut().keySet().stream()
                .filter(current == null ? name -> false : current.names()::contains)
                .forEach(state::admit);
        issued.refused().forEach((name, reason) -> state.leaveOut(name, later, reason));
        state.setFailures(0);
        state.set(Time.NOT_BEFORE, null);
        state.set(Time.CA_NOT_BEFORE, null);
        state.set(Time.LAST_SUCCESS, now);
        state.set(Text.PROBLEM, "");
        state.set(Text.REMEDY, "");
        if (change) {
            changed(held, key, now);
        } else if (state.time(Time.KEY_SINCE) == null) {
            state.set(Time.KEY_SINCE, now);
        }
        if (current != null) {
            mail.succeeded(current.notAfter());
        }
        state.save();
        services.installed().run();
    }

    private void changed(@Nullable HeldCertificate held, KeyPair key, Instant now) throws IOException {
        rollover.complete(now);
        TlsaRecord current = TlsaRecord.of(names.host(), key.getPublic());
        TlsaRecord next = TlsaRecord.of(names.host(), folder.nextKey().getPublic());
        LOG.info("event=key-changed host={} record=\"{}\" next-record=\"{}\"", names.host(), current, next);
        if (held != null) {
            mail.rolloverDone(TlsaRecord.of(names.host(), held.certificate().getPublicKey()), current, next);
        }
    }

    private @Nullable Instant nextAttempt() {
        Instant own = state.time(Time.NOT_BEFORE);
        Instant ca = state.time(Time.CA_NOT_BEFORE);
        return own == null || ca != null && ca.isAfter(own) ? ca : own;
    }

    private void report(@Nullable HeldCertificate held) throws IOException {
        Map<String, String> leftOut = new LinkedHashMap<>();
        state.leftOut().forEach((name, entry) -> leftOut.put(name, entry.reason()));
        String problem = state.text(Text.PROBLEM);
        status.accept(new AcmeStatus(
                !problem.isEmpty()
                        ? AcmeStatus.Phase.FAILING
                        : held == null ? AcmeStatus.Phase.STARTING : AcmeStatus.Phase.VALID,
                problem,
                state.text(Text.REMEDY),
                problem.isEmpty() ? 0 : state.failures(),
                nextAttempt(),
                held == null ? Set.of() : held.names(),
                leftOut,
                held == null ? null : held.notAfter(),
                held == null ? null : renewAt(held),
                TlsaRecord.of(names.host(), folder.key().getPublic()),
                TlsaRecord.of(names.host(), folder.nextKey().getPublic()),
                rollover.text()));
    }

    /** @param considered the time of this step, which has done what was due by then */
    private Duration sleep(@Nullable HeldCertificate held, Instant considered) {
        Instant now = services.clock().instant();
        List<Instant> events = new ArrayList<>();
        Instant blocked = nextAttempt();
        if (blocked != null) {
            events.add(blocked);
        } else if (held != null) {
            events.add(renewAt(held));
        }
        Instant suggestion = state.time(Time.ASK_SUGGESTION_AT);
        if (held != null && suggestion != null) {
            events.add(suggestion);
        }
        state.leftOut().values().forEach(entry -> events.add(entry.until()));
        Duration sleep = rollover.isRequested() ? ROLLOVER_SLEEP : LONGEST_SLEEP;
        for (Instant event : events) {
            // What was over already could not be done: it waits for one of the others. What has become due during a
            // slow step is done next.
            Duration until = Duration.between(now, event);
            sleep = event.isAfter(considered) && until.compareTo(sleep) < 0 ? until : sleep;
        }
        return sleep.compareTo(SHORTEST_SLEEP) < 0 ? SHORTEST_SLEEP : sleep;
    }
}
