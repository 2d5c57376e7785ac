package org.mailserv.server.check;

import java.util.ArrayList;
import java.util.List;
import org.mailserv.server.check.authres.AuthenticationMethod;
import org.mailserv.server.check.dkim.DkimOutcome;
import org.mailserv.server.check.dkim.DkimResult;

/** Reports the results of DKIM signatures. RFC 6376. */
final class DkimCheck implements Check {
    @Override
    public ContentCheck content(MessageAuthentication message) {
        message.requestSignatures();
        return () -> message.signatures().thenApply(DkimCheck::finding);
    }

    private static Finding finding(List<DkimOutcome> outcomes) {
        List<AuthenticationResult> results = new ArrayList<>();
        for (DkimOutcome one : outcomes) {
            results.add(AuthenticationResult.of(AuthenticationMethod.DKIM, one.result(), one.reason())
                    .with("header.d", one.domain())
                    .with("header.s", one.selector()));
        }
        if (outcomes.isEmpty()) {
            results.add(AuthenticationResult.of(AuthenticationMethod.DKIM, DkimResult.NONE, ""));
        }
        return Finding.report(results);
    }
}
