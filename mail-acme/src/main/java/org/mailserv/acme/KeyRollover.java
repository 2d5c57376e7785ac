package org.mailserv.acme;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.mailserv.acme.files.AcmeFolder;
import org.mailserv.acme.files.AcmeState;
import org.mailserv.acme.files.AcmeState.Time;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.tls.AcmeConfig;

/**
 * The change of the certificate's key. With DANE, a key whose TLSA record is not in all caches yet stops incoming mail. Therefore the key
 * changes only after the DNS has permitted it without interruption for {@code rollover.delay}: the record of the next key is published, or
 * no TLSA records are. A DNS that does not answer permits nothing. RFC 7671, 8.4.
 */
final class KeyRollover {
    private final AcmeConfig.Rollover config;
    private final AcmeFolder folder;
    private final AcmeState state;
    private final Dns dns;
    private final String host;
    private String text = "";

    /** The verdict of the DNS on a change of the key. */
    private enum Permission {
        GRANTED,
        DENIED,
        UNKNOWN
    }

    KeyRollover(AcmeConfig.Rollover config, AcmeFolder folder, AcmeState state, Dns dns, String host) {
        this.config = config;
        this.folder = folder;
        this.state = state;
        this.dns = dns;
        this.host = host;
    }

    /** Returns the state of the change in words; empty if none is under way. */
    String text() {
        return text;
    }

    /** Begins a change. Blocks. */
    void request(Instant now) throws IOException {
        if (state.time(Time.ROLLOVER_REQUESTED) == null) {
            state.set(Time.ROLLOVER_REQUESTED, now);
            state.save();
        }
    }

    /** Returns whether a change is under way. */
    boolean isRequested() {
        return state.time(Time.ROLLOVER_REQUESTED) != null;
    }

    /** Begins a change if the key has reached its maximum age, and returns whether it just did. Blocks. */
    boolean beginIfOld(Instant now) throws IOException {
        Instant since = state.time(Time.KEY_SINCE);
        if (config.maxAge().isZero() || isRequested() || since == null || now.isBefore(since.plus(config.maxAge()))) {
            return false;
        }
        request(now);
        return true;
    }

    /** Asks the DNS, and returns whether the key may change now. Blocks. */
    boolean isReady(Instant now) throws IOException, InterruptedException {
        if (!isRequested()) {
            text = "";
            return false;
        }
        TlsaRecord next = TlsaRecord.of(host, folder.nextKey().getPublic());
        Instant since = state.time(Time.ROLLOVER_POSSIBLE_SINCE);
        switch (permission(next)) {
            case GRANTED -> {
                since = since == null ? now : since;
                text = "it will change after " + minute(since.plus(config.delay()))
                        + "; keep the TLSA records of both keys until then";
            }
            case DENIED -> {
                since = null;
                text = "it will change " + words(config.delay())
                        + " after this record is in the DNS beside the present one: " + next;
            }
            case UNKNOWN -> {
                text = "the TLSA records of " + host
                        + " cannot be looked up; the key does not change before the name servers answer";
                return false;
            }
        }
        state.set(Time.ROLLOVER_POSSIBLE_SINCE, since);
        state.save();
        return since != null && !now.isBefore(since.plus(config.delay()));
    }

    private Permission permission(TlsaRecord next) throws InterruptedException {
        DnsAnswer<Dns.TlsaRecord> answer = WantedNames.answer(dns.tlsa(next.owner()));
        if (answer instanceof DnsAnswer.TemporaryFailure<Dns.TlsaRecord>) {
            return Permission.UNKNOWN;
        } else if (answer instanceof DnsAnswer.Found<Dns.TlsaRecord> found) {
            return found.records().stream().anyMatch(next::isSame) ? Permission.GRANTED : Permission.DENIED;
        }
        return Permission.GRANTED;
    }

    /** Ends a change after the certificate with the next key was stored. Blocks. */
    void complete(Instant now) throws IOException {
        folder.replaceNextKey();
        state.set(Time.ROLLOVER_REQUESTED, null);
        state.set(Time.ROLLOVER_POSSIBLE_SINCE, null);
        state.set(Time.KEY_SINCE, now);
        text = "";
    }

    private static String minute(Instant time) {
        return time.truncatedTo(ChronoUnit.MINUTES).toString().replace("T", " ").replace(":00Z", " UTC");
    }

    private static String words(Duration time) {
        @Nullable String unit = time.toDays() > 0 ? "day" : time.toHours() > 0 ? "hour" : null;
        long count = time.toDays() > 0 ? time.toDays() : time.toHours();
        return unit == null ? time.toSeconds() + " s" : count + " " + unit + (count == 1 ? "" : "s");
    }
}
