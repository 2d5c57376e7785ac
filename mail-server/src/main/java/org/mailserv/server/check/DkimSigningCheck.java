package org.mailserv.server.check;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.check.MessageChecks.EnvelopeInspection;
import org.mailserv.server.check.MessageChecks.Facts;
import org.mailserv.server.check.MessageChecks.Inspection;
import org.mailserv.server.check.MessageChecks.Verdict;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Detail;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.text.Failures;

/** Signs the mail of users and relay clients, for the domains that have keys. It refuses nothing. RFC 6376. */
final class DkimSigningCheck implements Check {

    private final DkimKeys keys;
    private final DkimSigner signer;
    private final Executor executor;
    private final MailEvents events;

    /** @param executor for signing, which takes a millisecond or two */
    DkimSigningCheck(DkimKeys keys, DkimSigner signer, Executor executor, MailEvents events) {
        this.keys = keys;
        this.signer = signer;
        this.executor = executor;
        this.events = events;
    }

    @Override
    public @Nullable Inspection wrap(Facts facts, @Nullable EnvelopeInspection envelope, @Nullable Inspection inner) {
        return facts.ours() && !keys.isEmpty() ? new Signing(facts) : inner;
    }

    private final class Signing implements Inspection {
        private final DkimSigner.Scan scan = signer.begin();
        private final Facts facts;

        Signing(Facts facts) {
            this.facts = facts;
        }

        @Override
        public void feed(ByteBuf piece) {
            scan.feed(piece);
        }

        @Override
        public CompletionStage<Verdict> finish(String added) {
            return CompletableFuture.supplyAsync(() -> verdict(scan.sign(added)), executor)
                    .exceptionally(failure -> {
                        note(
                                Kind.SIGNING_FAILED,
                                Detail.address("from", facts.sender()),
                                Detail.text("reason", Failures.text(failure)));
                        return Verdict.SILENT;
                    });
        }

        private Verdict verdict(DkimSigner.Signed signed) {
            String problem = signed.problem();
            if (problem != null) {
                note(
                        Kind.NOT_SIGNED,
                        Detail.word("peer", facts.address().getHostAddress()),
                        Detail.address("from", facts.sender()),
                        Detail.text("reason", problem.replaceAll("[^ -~]|[\"\\\\]", "?")));
            }
            return new Verdict(signed.fields(), null);
        }

        private void note(Kind kind, Detail... details) {
            QueueId id = QueueId.tryParse(facts.id());
            if (id != null) {
                events.noted(MessageNote.of(kind, id, details));
            }
        }
    }
}
