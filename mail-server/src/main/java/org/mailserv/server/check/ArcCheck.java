package org.mailserv.server.check;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.check.authres.AuthenticationMethod;
import org.mailserv.server.check.dkim.ArcOutcome;
import org.mailserv.server.check.dkim.ArcResult;
import org.mailserv.server.check.dkim.DkimVerifier;

/** Reports the status of the ARC chain, and seals messages that are forwarded. RFC 8617. */
final class ArcCheck implements Check {
    private final MessageAuthentication.Services services;

    ArcCheck(MessageAuthentication.Services services) {
        this.services = services;
    }

    @Override
    public ContentCheck content(MessageAuthentication message) {
        message.requestSignatures();
        return new ContentCheck() {
            @Override
            public CompletionStage<Finding> finish() {
                return message.arc().thenApply(ArcCheck::finding);
            }

            @Override
            public CompletionStage<String> decided(Decision decision) {
                return seal(message, decision);
            }
        };
    }

    private static Finding finding(ArcOutcome chain) {
        return chain.sets() > 0 || chain.result() != ArcResult.NONE
                ? Finding.report(
                        List.of(AuthenticationResult.of(AuthenticationMethod.ARC, chain.result(), chain.reason())))
                : Finding.NONE;
    }

    private CompletionStage<String> seal(MessageAuthentication message, Decision decision) {
        String domain = message.sealingDomain();
        DkimVerifier.Scan scan = message.scan();
        if (domain == null || scan == null || decision.refusal() != null) {
            return CompletableFuture.completedFuture("");
        }
        return message.arc()
                .thenApplyAsync(
                        chain -> services.sealer()
                                .seal(domain, scan, chain, decision.results().value()),
                        services.executor());
    }
}
