package org.mailserv.server.check.milter;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.Check;
import org.mailserv.server.check.MessageChecks.Disposition;
import org.mailserv.server.check.MessageChecks.EnvelopeInspection;
import org.mailserv.server.check.MessageChecks.Facts;
import org.mailserv.server.check.MessageChecks.Inspection;
import org.mailserv.server.check.MessageChecks.Verdict;
import org.mailserv.server.net.EventLoops;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows messages to filters. A filter sees each recipient before it is accepted, and may refuse it. It sees the content while it arrives, as it
 * is stored, and the changes that it requests are made to the header at the end.
 */
public final class MilterCheck implements Check {
    private static final Logger LOG = LoggerFactory.getLogger(MilterCheck.class);

    private final String hostname;
    private final List<MilterClient> clients;
    private final boolean junk;

    /**
     * Creates the check.
     *
     * @param hostname the name of this server, for the macros of filters
     * @param junk whether mail that a filter marks as spam goes to the Junk folders of local mailboxes
     */
    public MilterCheck(String hostname, List<MilterConfig> filters, boolean junk, EventLoops loops) {
        this.hostname = hostname;
        this.junk = junk;
        this.clients =
                filters.stream().map(config -> new MilterClient(config, loops)).toList();
    }

    @Override
    public @Nullable EnvelopeInspection envelope(Facts facts) {
        return open(facts);
    }

    private @Nullable Filtering open(Facts facts) {
        List<MilterClient> asked = clients.stream()
                .filter(client -> client.config().wants(facts.ours()))
                .toList();
        return asked.isEmpty() ? null : new Filtering(asked, facts);
    }

    @Override
    public @Nullable Inspection wrap(Facts facts, @Nullable EnvelopeInspection envelope, @Nullable Inspection inner) {
        Filtering filtering = envelope instanceof Filtering known ? known : openWithRecipients(facts);
        if (filtering == null) {
            return inner;
        }
        filtering.beginContent(facts, inner);
        return filtering;
    }

    private @Nullable Filtering openWithRecipients(Facts facts) {
        Filtering filtering = open(facts);
        if (filtering != null) {
            filtering.submitRecipients(facts);
        }
        return filtering;
    }

    private final class Filtering implements Inspection, EnvelopeInspection {
        private @Nullable Inspection inner;
        private final List<MilterClient> asked;
        private final List<MilterSession> sessions = new ArrayList<>();
        private final HeldHeader header = new HeldHeader();
        private final ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        private boolean headerSubmitted;

        Filtering(List<MilterClient> asked, Facts facts) {
            this.asked = asked;
            for (MilterClient client : asked) {
                MilterSession session = client.begin();
                sessions.add(session);
                submitEnvelope(session, facts);
            }
        }

        private void submitEnvelope(MilterSession session, Facts facts) {
            Map<String, String> macros = new LinkedHashMap<>();
            macros.put("j", hostname);
            macros.put("{daemon_name}", hostname);
            macros.put("v", "mailserv");
            macros.put("{client_addr}", facts.address().getHostAddress());
            session.submit(MilterCommand.CONNECT, connect(facts), macros);
            session.submit(
                    MilterCommand.HELO,
                    zeroEnded(facts.helo()),
                    facts.tls() == null ? null : Map.of("{tls_version}", facts.tls()));
            Map<String, String> mail = new LinkedHashMap<>();
            if (!facts.id().isEmpty()) {
                mail.put("i", facts.id());
            }
            mail.put("{mail_addr}", facts.sender().toString());
            if (facts.account() != null) {
                mail.put("{auth_authen}", facts.account());
                mail.put("{auth_type}", "PLAIN");
            }
            session.submit(MilterCommand.MAIL, zeroEnded("<" + facts.sender() + ">"), mail);
        }

        /** Submits the recipients of a message whose envelope was not inspected: a refused recipient refuses the message. */
        void submitRecipients(Facts facts) {
            for (Address recipient : facts.recipients()) {
                sessions.forEach(
                        session -> session.submit(MilterCommand.RECIPIENT, path(recipient), macros(recipient)));
            }
        }

        void beginContent(Facts facts, @Nullable Inspection checks) {
            inner = checks;
            sessions.forEach(session -> session.submit(MilterCommand.DATA, new byte[0], Map.of("i", facts.id())));
        }

        @Override
        public CompletionStage<@Nullable SmtpReply> recipient(Address recipient) {
            return recipient(recipient, 0);
        }

        /** Asks one filter after the other: a recipient that one refuses is not shown to the next. */
        private CompletionStage<@Nullable SmtpReply> recipient(Address recipient, int filter) {
            if (filter == sessions.size()) {
                return CompletableFuture.completedFuture(null);
            }
            MilterConfig config = asked.get(filter).config();
            return sessions.get(filter)
                    .submitRecipient(path(recipient), macros(recipient))
                    .exceptionally(failure -> unanswered(config, failure))
                    .thenCompose(answer -> {
                        SmtpReply refusal = answer.refusal();
                        if (refusal == null) {
                            return recipient(recipient, filter + 1);
                        }
                        log(config, answer);
                        return CompletableFuture.completedFuture(refusal);
                    });
        }

        private static byte[] path(Address recipient) {
            return zeroEnded("<" + recipient + ">");
        }

        private static Map<String, String> macros(Address recipient) {
            return Map.of("{rcpt_addr}", recipient.toString());
        }

        private byte[] connect(Facts facts) {
            InetAddress address = facts.address();
            boolean v6 = address instanceof Inet6Address;
            String text = (v6 ? "IPv6:" : "") + address.getHostAddress().replaceAll("%.*", "");
            String name = facts.name() == null ? "[" + address.getHostAddress() + "]" : facts.name();
            ByteBuf data = Unpooled.buffer();
            data.writeBytes(zeroEnded(name));
            data.writeByte(v6 ? '6' : '4').writeShort(0);
            data.writeBytes(zeroEnded(text));
            return ByteBufUtil.getBytes(data);
        }

        @Override
        public void feed(ByteBuf piece) {
            if (inner != null) {
                inner.feed(piece);
            }
        }

        @Override
        public ByteBuf filter(ByteBuf piece) {
            return show(inner == null ? piece : inner.filter(piece));
        }

        @Override
        public ByteBuf rest() {
            return inner == null ? Unpooled.EMPTY_BUFFER : show(inner.rest());
        }

        private ByteBuf show(ByteBuf piece) {
            if (!piece.isReadable()) {
                return piece;
            }
            ByteBuf passed = header.pass(piece);
            if (!header.isOver()) {
                return passed;
            }
            boolean first = !headerSubmitted;
            submitHeader(first ? passed : Unpooled.EMPTY_BUFFER);
            ByteBuf body = passed.slice();
            if (first && header.text() != null) {
                body.skipBytes(passed.getByte(passed.readerIndex()) == '\r' ? 2 : 1);
            } else if (first) {
                body.skipBytes(passed.readableBytes());
            }
            submitBody(body);
            return passed;
        }

        /** Submits the header; of one that was too large to be held, the first part. */
        private void submitHeader(ByteBuf passed) {
            if (headerSubmitted) {
                return;
            }
            headerSubmitted = true;
            String text = header.text();
            HeaderBlock block = HeaderBlock.read(text == null ? passed.toString(StandardCharsets.ISO_8859_1) : text);
            for (HeaderField field : block.fields()) {
                String value = field.rawValue().replace("\r\n", "\n").stripTrailing();
                byte[] data = (field.name() + "\0" + (value.startsWith(" ") ? value.substring(1) : value) + "\0")
                        .getBytes(StandardCharsets.ISO_8859_1);
                if (data.length <= MilterCodec.MAX_DATA) {
                    sessions.forEach(session -> session.submit(MilterCommand.HEADER, data, null));
                }
            }
            sessions.forEach(session -> session.submit(MilterCommand.END_OF_HEADER, new byte[0], null));
        }

        private void submitBody(ByteBuf body) {
            while (body.isReadable()) {
                int count = Math.min(body.readableBytes(), MilterCodec.MAX_DATA - chunk.size());
                byte[] octets = new byte[count];
                body.readBytes(octets);
                chunk.writeBytes(octets);
                if (chunk.size() == MilterCodec.MAX_DATA) {
                    flushChunk();
                }
            }
        }

        private void flushChunk() {
            if (chunk.size() > 0) {
                byte[] octets = chunk.toByteArray();
                chunk.reset();
                sessions.forEach(session -> session.submit(MilterCommand.BODY, octets, null));
            }
        }

        @Override
        public CompletionStage<Void> ready() {
            CompletionStage<Void> all = CompletableFuture.completedFuture(null);
            for (MilterSession session : sessions) {
                CompletionStage<Void> one = session.ready();
                all = one.toCompletableFuture().isDone() ? all : all.thenCombine(one, (before, now) -> now);
            }
            return all;
        }

        @Override
        public void cancel() {
            sessions.forEach(session -> session.fail("the message was abandoned"));
            if (inner != null) {
                inner.cancel();
            }
        }

        @Override
        public CompletionStage<Verdict> finish(String added) {
            submitHeader(Unpooled.EMPTY_BUFFER);
            flushChunk();
            CompletionStage<List<MilterAnswer>> answers = CompletableFuture.completedFuture(new ArrayList<>());
            for (int i = 0; i < sessions.size(); i++) {
                MilterConfig config = asked.get(i).config();
                sessions.get(i).submit(MilterCommand.END_OF_BODY, new byte[0], null);
                answers = answers.thenCombine(
                        sessions.get(i).answer().exceptionally(failure -> unanswered(config, failure)),
                        (list, answer) -> {
                            list.add(answer);
                            return list;
                        });
            }
            CompletionStage<Verdict> judged =
                    inner == null ? CompletableFuture.completedFuture(Verdict.SILENT) : inner.finish(added);
            return judged.thenCombine(answers, this::verdict);
        }

        /** Returns the answer if it can be carried out: in a header that was too large to be held, no field can be changed. */
        private MilterAnswer possible(MilterConfig config, MilterAnswer answer) {
            boolean changesFields =
                    answer.changes().stream().anyMatch(change -> change.kind() == MilterAnswer.Kind.CHANGE);
            return header.text() == null && changesFields && answer.refusal() == null && !answer.discarded()
                    ? unanswered(config, new MilterException("a field of a header above 64 KiB cannot be changed"))
                    : answer;
        }

        private Verdict verdict(Verdict judged, List<MilterAnswer> answers) {
            SmtpReply refusal = judged.refusal();
            Disposition disposition = judged.disposition();
            String holdReason = judged.holdReason();
            List<MilterAnswer.Change> changes = new ArrayList<>();
            for (int i = 0; i < answers.size(); i++) {
                MilterAnswer answer = possible(asked.get(i).config(), answers.get(i));
                log(asked.get(i).config(), answer);
                refusal = refusal == null ? answer.refusal() : refusal;
                if (answer.discarded()) {
                    disposition = Disposition.DISCARD;
                } else if (answer.held() != null && disposition != Disposition.DISCARD) {
                    disposition = Disposition.HOLD;
                    holdReason = printable(answer.held());
                } else if (junk && disposition == Disposition.DELIVER && answer.marksSpam()) {
                    disposition = Disposition.JUNK;
                }
                changes.addAll(answer.changes());
            }
            String text = header.text();
            if (text == null) {
                // The header is stored already: fields can be put above it, and nothing else.
                String above = HeaderChanges.apply("", changes);
                return new Verdict(above + judged.fields(), refusal, disposition, "", holdReason);
            }
            String head = changes.isEmpty() ? text : HeaderChanges.apply(text, changes);
            return new Verdict(judged.fields(), refusal, disposition, head, holdReason);
        }
    }

    private static void log(MilterConfig config, MilterAnswer answer) {
        SmtpReply refusal = answer.refusal();
        String action = refusal != null
                ? "refuse"
                : answer.discarded() ? "discard" : answer.held() != null ? "hold" : "continue";
        LOG.info(
                "event=milter address={} action={} changes={} reason=\"{}\"",
                config.address(),
                action,
                answer.changes().size(),
                printable(refusal != null ? refusal.toString() : answer.held() == null ? "" : answer.held()));
    }

    private static String printable(String words) {
        return words.replaceAll("[^ -~]|\"", "?");
    }

    private static MilterAnswer unanswered(MilterConfig config, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        LOG.warn(
                "event=milter-failed address={} action={} reason=\"{}\"",
                config.address(),
                config.onFailure(),
                Failures.text(cause));
        return switch (config.onFailure()) {
            case ACCEPT -> MilterAnswer.CONTINUE;
            case TEMPFAIL -> MilterAnswer.refused(SmtpReply.of(451, "4.7.1", "Service unavailable - try again later"));
            case REJECT -> MilterAnswer.refused(SmtpReply.of(550, "5.7.1", "Message cannot be checked"));
        };
    }

    private static byte[] zeroEnded(String text) {
        return (text.replace("\0", "") + "\0").getBytes(StandardCharsets.UTF_8);
    }
}
