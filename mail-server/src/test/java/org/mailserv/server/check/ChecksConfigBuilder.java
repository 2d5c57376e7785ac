package org.mailserv.server.check;

import java.time.Duration;
import java.util.List;
import org.mailserv.server.check.ChecksConfig.DmarcPolicy;
import org.mailserv.server.check.ChecksConfig.InvalidFrom;
import org.mailserv.server.check.ChecksConfig.Lists;
import org.mailserv.server.check.ChecksConfig.OnTemperror;
import org.mailserv.server.check.ChecksConfig.Quarantine;
import org.mailserv.server.check.ChecksConfig.SpfPolicy;
import org.mailserv.server.check.reputation.GreylistConfig;
import org.mailserv.server.check.reputation.ListConfig;

/** Builds settings of the checks for tests, so that a test names only what matters to it. The starting point is the defaults. */
final class ChecksConfigBuilder {
    private SpfPolicy spf = SpfPolicy.MARK;
    private OnTemperror spfTemperror = OnTemperror.DEFER;
    private DmarcPolicy dmarc = DmarcPolicy.MARK;
    private InvalidFrom invalidFrom = InvalidFrom.REJECT;
    private boolean dkim = true;
    private Duration timeout = Duration.ofSeconds(10);
    private List<ListConfig> lists = List.of();

    ChecksConfigBuilder spf(SpfPolicy policy) {
        spf = policy;
        return this;
    }

    ChecksConfigBuilder spfTemperror(OnTemperror action) {
        spfTemperror = action;
        return this;
    }

    ChecksConfigBuilder dmarc(DmarcPolicy policy) {
        dmarc = policy;
        return this;
    }

    ChecksConfigBuilder invalidFrom(InvalidFrom action) {
        invalidFrom = action;
        return this;
    }

    ChecksConfigBuilder dkim(boolean verified) {
        dkim = verified;
        return this;
    }

    ChecksConfigBuilder timeout(Duration limit) {
        timeout = limit;
        return this;
    }

    /** Sets DNS lists, with a threshold of five points that refuses. */
    ChecksConfigBuilder lists(ListConfig... zones) {
        lists = List.of(zones);
        return this;
    }

    ChecksConfig build() {
        return new ChecksConfig(
                spf,
                spfTemperror,
                dmarc,
                OnTemperror.DEFER,
                invalidFrom,
                Quarantine.MARK,
                dkim,
                true,
                10,
                timeout,
                List.of("127.0.0.0/8", "::1"),
                new Lists(lists, 5, true),
                GreylistConfig.defaults());
    }
}
