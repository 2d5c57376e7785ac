package org.mailserv.app.accounts;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.DkimKeyActivation;
import org.mailserv.app.api.DkimRotation;
import org.mailserv.app.api.DomainInfo;
import org.mailserv.app.config.StartupException;
import org.mailserv.server.check.dkim.DkimKey;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.text.Failures;

/** The calls that replace the DKIM keys of a domain. New keys wait until their records are published, and the present ones sign on. */
public final class DkimCalls {
    private static final int GRACE_HOURS = 48;
    private static final int MAX_GRACE_HOURS = 720;

    private final DomainCalls domains;

    public DkimCalls(DomainCalls domains) {
        this.domains = domains;
    }

    public void register(CallRegistry api) {
        api.on(Calls.ROTATE_DKIM, (request, by) -> rotate(request))
                .on(Calls.ACTIVATE_DKIM, (request, by) -> activate(request));
    }

    /** Makes no further keys while others wait: each pair needs two records, and nobody publishes those of an earlier attempt. */
    private synchronized DomainInfo rotate(DkimRotation request) throws ApiException, StartupException, IOException {
        String domain = domains.known(request.domain());
        Integer hours = request.graceHours();
        if (hours != null && (hours < 0 || hours > MAX_GRACE_HOURS)) {
            throw ApiException.malformed("grace_hours: out of range (expected: 0 to " + MAX_GRACE_HOURS + ")");
        }
        DkimKeys keys = domains.keys();
        List<DkimKey> waiting = waiting(domain, keys);
        if (!waiting.isEmpty()) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    domain + " has new keys already, which wait for their records: " + names(waiting)
                            + " (publish these first)");
        }
        int grace = hours != null ? hours : keys.signing(domain).isEmpty() ? 0 : GRACE_HOURS;
        keys.generateWaiting(domain, Instant.now().plus(Duration.ofHours(grace)));
        return domains.show(domain, false);
    }

    private synchronized DomainInfo activate(DkimKeyActivation request)
            throws ApiException, StartupException, IOException {
        String domain = domains.known(request.domain());
        DkimKeys keys = domains.keys();
        List<DkimKey> waiting = waiting(domain, keys);
        if (waiting.isEmpty()) {
            throw new ApiException(ApiException.Kind.CONFLICT, domain + " has no keys that wait for their records");
        }
        List<DkimKey> missing = new ArrayList<>();
        for (DkimKey key : waiting) {
            if (isPublished(key)) {
                keys.activate(key);
            } else {
                missing.add(key);
            }
        }
        if (missing.size() == waiting.size()) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT, "not published yet, or not seen by this server: " + names(missing));
        }
        domains.services().keysChanged().run();
        return domains.show(domain, false);
    }

    private boolean isPublished(DkimKey key) throws IOException {
        try {
            return DomainRecords.await(domains.services().dns().txt(key.recordName()))
                            instanceof DnsAnswer.Found<String> found
                    && key.isPublishedIn(found.records());
        } catch (GeneralSecurityException e) {
            throw new IOException(key.recordName() + ": " + Failures.text(e), e);
        }
    }

    private static List<DkimKey> waiting(String domain, DkimKeys keys) {
        return DomainCalls.ofDomain(domain, keys).stream()
                .filter(DkimKey::waiting)
                .toList();
    }

    private static String names(List<DkimKey> keys) {
        return String.join(", ", keys.stream().map(DkimKey::recordName).toList());
    }
}
