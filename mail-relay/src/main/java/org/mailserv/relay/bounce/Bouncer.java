package org.mailserv.relay.bounce;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.relay.config.RelayConfig.BounceConfig;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.delivery.RecipientRouter.Routing;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.event.MessageNote;
import org.mailserv.server.event.MessageNote.Detail;
import org.mailserv.server.event.MessageNote.Kind;
import org.mailserv.server.event.SentNotice;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.BodyType;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageContent;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.QueueId;
import org.mailserv.server.spool.Recipient;
import org.mailserv.server.spool.Spool;

/**
 * Sends notices with the null reverse-path, so that a notice never causes another notice. RFC 5321, 4.5.5.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3461#section-5">RFC 3461, 5</a>
 */
public final class Bouncer implements Notifier {
    private static final int MAX_HEADER = 64 * 1024;
    private static final Pattern MESSAGE_ID =
            Pattern.compile("^Message-ID:\\s*(<[^<>\\s]{1,250}>)", Pattern.CASE_INSENSITIVE | Pattern.MULTILINE);

    /**
     * The dependencies of the bouncer.
     *
     * @param readers runs blocking reads of messages
     * @param events receives the notices that were stored
     */
    public record Dependencies(
            String hostname,
            BounceConfig config,
            Spool spool,
            AccountStore accounts,
            RecipientRouter router,
            MessageAcceptor acceptor,
            Executor readers,
            MailEvents events,
            InstantSource clock) {}

    private final Dependencies parts;

    public Bouncer(Dependencies parts) {
        this.parts = parts;
    }

    @Override
    public CompletionStage<Void> send(Notice notice) {
        Envelope envelope = notice.message().envelope();
        Address sender = envelope.sender().address();
        List<Report> wanted = notice.reports().stream()
                .filter(report -> report.recipient().wants(notice.kind().event()))
                .toList();
        if (sender == null) {
            return notice.kind() == Notice.Kind.FAILED ? undeliverable(notice) : done();
        } else if (wanted.isEmpty()) {
            if (notice.kind() == Notice.Kind.FAILED) {
                parts.events().noted(MessageNote.of(Kind.BOUNCE_NOT_WANTED, envelope.id()));
            }
            return done();
        }
        return parts.router()
                .route(sender, null, Set.of(), true)
                .thenCompose(routing -> routed(notice, wanted, sender, routing));
    }

    private static CompletionStage<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    private CompletionStage<Void> routed(Notice notice, List<Report> reports, Address to, Routing routing) {
        if (routing instanceof Routing.Accepted accepted) {
            return store(notice, reports, to, accepted.recipients());
        } else if (routing instanceof Routing.Refused refused && refused.reply().isTransient()) {
            return CompletableFuture.failedFuture(
                    new IOException("the sender cannot be notified now: " + refused.reply()));
        }
        return undeliverable(notice);
    }

    /**
     * Handles a bounce that bounced, or one to a nonexistent sender: logs it and, if configured, sends it to the postmaster.
     */
    private CompletionStage<Void> undeliverable(Notice notice) {
        Envelope envelope = notice.message().envelope();
        Report first = notice.reports().get(0);
        parts.events()
                .noted(MessageNote.of(
                        Kind.BOUNCE_UNDELIVERABLE,
                        envelope.id(),
                        Detail.word("kept", parts.config().keepUndeliverable()),
                        Detail.address("to", first.recipient().address()),
                        Detail.text("reason", first.diagnostic())));
        if (!parts.config().keepUndeliverable() || notice.kind() != Notice.Kind.FAILED) {
            return done();
        }
        Address postmaster = new Address("postmaster", parts.accounts().primaryDomain());
        // A failed message to the postmaster ends here: another notice would loop.
        if (notice.reports().stream()
                .map(Report::recipient)
                .allMatch(recipient ->
                        postmaster.equals(recipient.address()) || postmaster.equals(recipient.original()))) {
            return done();
        }
        return parts.router()
                .route(postmaster, null, Set.of(), true)
                .thenCompose(routing -> routing instanceof Routing.Accepted accepted
                        ? store(notice, notice.reports(), postmaster, accepted.recipients())
                        : done());
    }

    private CompletionStage<Void> store(Notice notice, List<Report> reports, Address to, List<Recipient> recipients) {
        MessageWriter writer = parts.spool().newMessage(recipients.size());
        return CompletableFuture.supplyAsync(() -> compose(notice, reports, to, writer), parts.readers())
                .thenCompose(text -> writer.append(text)
                        .thenCompose(appended -> parts.acceptor()
                                .accept(writer, envelope(notice, reports, writer, recipients), Unpooled.EMPTY_BUFFER)))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        writer.abort();
                    } else {
                        parts.events().bounced(sent(notice, writer.id(), to));
                    }
                });
    }

    private static SentNotice sent(Notice notice, QueueId id, Address to) {
        SentNotice.Kind kind = switch (notice.kind()) {
            case FAILED -> SentNotice.Kind.FAILED;
            case DELAYED -> SentNotice.Kind.DELAYED;
            case DELIVERED -> SentNotice.Kind.DELIVERED;
            case EXPANDED -> SentNotice.Kind.EXPANDED;
            case RELAYED -> SentNotice.Kind.RELAYED;
        };
        return new SentNotice(kind, id, notice.message().envelope().id(), to);
    }

    private Envelope envelope(Notice notice, List<Report> reports, MessageWriter writer, List<Recipient> recipients) {
        boolean utf8 = NoticeText.needsUtf8(notice.message().envelope(), reports);
        return new Envelope(
                writer.id(),
                ReversePath.NULL,
                recipients,
                Arrival.local(parts.clock().instant()),
                utf8 ? BodyType.EIGHT_BIT_MIME : BodyType.SEVEN_BIT,
                utf8,
                notice.message().envelope().requireTls(),
                null,
                null,
                null,
                null);
    }

    private ByteBuf compose(Notice notice, List<Report> reports, Address to, MessageWriter writer) {
        Instant now = parts.clock().instant();
        Envelope envelope = notice.message().envelope();
        String boundary = "=_" + writer.id();
        Returned returned = returned(notice, NoticeText.needsUtf8(envelope, reports));
        Address from = new Address("postmaster", domain(envelope, reports));
        String head = new NoticeText(notice, reports, parts.hostname(), now, ZoneId.systemDefault())
                .write(writer.id().toString(), from, to, returned.messageId(), boundary);
        return Unpooled.wrappedBuffer(
                Unpooled.copiedBuffer(head + returned.partHeader(), StandardCharsets.UTF_8),
                Unpooled.wrappedBuffer(returned.octets()),
                Unpooled.copiedBuffer("\r\n--" + boundary + "--\r\n", StandardCharsets.UTF_8));
    }

    /** Returns the sender's domain if it is local, else a recipient's local domain, else the server's primary domain. */
    private String domain(Envelope envelope, List<Report> reports) {
        Address sender = envelope.sender().address();
        if (sender != null && parts.accounts().isLocalDomain(sender.domain())) {
            return parts.accounts().listedDomain(sender.domain());
        }
        for (Report report : reports) {
            Address original = report.recipient().original();
            for (Address address : original == null
                    ? List.of(report.recipient().address())
                    : List.of(original, report.recipient().address())) {
                if (parts.accounts().isLocalDomain(address.domain())) {
                    return parts.accounts().listedDomain(address.domain());
                }
            }
        }
        return parts.accounts().primaryDomain();
    }

    private record Returned(
            String partHeader, byte[] octets, @Nullable String messageId) {}

    /** Returns the full message if the sender wants it, it is small and it is plain ASCII; else its header. */
    private Returned returned(Notice notice, boolean utf8) {
        MessageContent content = notice.message().content();
        boolean full = notice.kind() == Notice.Kind.FAILED
                && !Boolean.FALSE.equals(notice.message().envelope().returnFull())
                && content.length() <= parts.config().maxReturned();
        byte[] octets = read(content, full ? content.length() : Math.min(content.length(), MAX_HEADER));
        String text = new String(octets, StandardCharsets.ISO_8859_1);
        int blank = text.indexOf("\r\n\r\n");
        String header = blank < 0 ? text : text.substring(0, blank + 2);
        Matcher id = MESSAGE_ID.matcher(header);
        String messageId = id.find() ? id.group(1) : null;
        if (full && isPlain(text)) {
            return new Returned("Content-Type: message/rfc822\r\n\r\n", octets, messageId);
        }
        String type = utf8 ? "message/global-headers" : "text/rfc822-headers";
        String encoding = utf8 ? "Content-Transfer-Encoding: 8bit\r\n" : "";
        byte[] safe = (utf8 ? header : ascii(header)).getBytes(StandardCharsets.ISO_8859_1);
        return new Returned("Content-Type: " + type + "\r\n" + encoding + "\r\n", safe, messageId);
    }

    /** Returns whether the text is 7-bit with short lines, so that every server accepts it. */
    private static boolean isPlain(String text) {
        int line = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            line = c == '\n' ? 0 : line + 1;
            if (c > 127 || c == 0 || line > 999) {
                return false;
            }
        }
        return true;
    }

    private static String ascii(String header) {
        StringBuilder safe = new StringBuilder(header.length());
        for (String line : header.split("(?<=\n)")) {
            String shown = line.length() > 990 ? line.substring(0, 990) + "\r\n" : line;
            shown.chars().forEach(c -> safe.append(c > 127 || c == 0 ? '?' : (char) c));
        }
        return safe.toString();
    }

    private static byte[] read(MessageContent content, long count) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream((int) count);
        try (WritableByteChannel target = Channels.newChannel(octets)) {
            long position = 0;
            while (position < count) {
                long moved = content.transferTo(position, count - position, target);
                if (moved <= 0) {
                    throw new IOException("the content ends at octet " + position);
                }
                position += moved;
            }
            return octets.toByteArray();
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }
}
