package org.mailserv.server.report;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.header.MailDate;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.check.dkim.DkimSigner;
import org.mailserv.server.delivery.MessageAcceptor;
import org.mailserv.server.delivery.RecipientRouter;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.dns.DnsAnswer;
import org.mailserv.server.spool.Arrival;
import org.mailserv.server.spool.Envelope;
import org.mailserv.server.spool.MessageWriter;
import org.mailserv.server.spool.Spool;
import org.mailserv.server.text.Failures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the collected observations of other domains to those that request them, one report per domain and day. Confined to one thread;
 * blocks.
 */
public final class DailyReports {
    private static final Logger LOG = LoggerFactory.getLogger(DailyReports.class);
    private static final int PATIENCE_SECONDS = 30;
    private static final int MOST_RECIPIENTS = 5;

    private final Parts parts;

    /** @param sender the sender of reports, or null for the postmaster */
    public record Settings(
            boolean dmarc, boolean tls, @Nullable String sender) {}

    /** The dependencies of the reports. */
    public record Parts(
            Settings settings,
            String hostname,
            Supplier<String> domain,
            ObservationFiles files,
            Dns dns,
            Spool spool,
            RecipientRouter router,
            MessageAcceptor acceptor,
            DkimKeys keys,
            InstantSource clock) {}

    public DailyReports(Parts parts) {
        this.parts = parts;
    }

    /**
     * Sends the reports of all past days and deletes their observations. A failure sends no report twice, because finished domains are
     * noted beside each day's file. The other days continue.
     *
     * @param today whether the current day is reported too
     * @return the number of reports sent
     * @throws IOException the first failure, after all days have been tried
     */
    public synchronized int send(boolean today) throws IOException {
        LocalDate now = LocalDate.ofInstant(parts.clock().instant(), ZoneOffset.UTC);
        int sent = 0;
        IOException fault = null;
        for (ObservationFiles.Day day : parts.files().before(today ? now.plusDays(1) : now)) {
            try {
                SentDomains done = new SentDomains(day.file());
                sent += day.kind() == Observation.Kind.DMARC ? sendDmarc(day, done) : sendTls(day, done);
                Files.deleteIfExists(day.file());
                done.delete();
            } catch (IOException | UncheckedIOException e) {
                LOG.warn("event=reports-failed file={} reason=\"{}\"", day.file(), Failures.text(e));
                fault = fault != null ? fault : e instanceof IOException io ? io : new IOException(e);
            }
        }
        if (sent > 0) {
            LOG.info("event=reports-sent count={}", sent);
        }
        if (fault != null) {
            throw fault;
        }
        return sent;
    }

    private int sendDmarc(ObservationFiles.Day day, SentDomains done) throws IOException {
        int sent = 0;
        for (Map.Entry<String, List<DmarcObservation>> one :
                ObservationFiles.read(day, DmarcObservation::parse).entrySet()) {
            String domain = one.getKey();
            if (done.has(domain)) {
                continue;
            }
            DmarcObservation last = one.getValue().get(one.getValue().size() - 1);
            List<String> to = new ArrayList<>();
            for (String address : last.reports()) {
                if (to.size() < MOST_RECIPIENTS && accepts(domain, address)) {
                    to.add(address);
                }
            }
            String id = id(day, domain);
            DmarcReport.Head head = new DmarcReport.Head(parts.hostname(), sender(), id, day.date());
            Attachment xml = new Attachment(
                    parts.hostname() + "!" + domain + "!" + DmarcReport.begin(day.date()) + "!"
                            + DmarcReport.end(day.date()) + ".xml.gz",
                    "application/gzip",
                    gzip(DmarcReport.xml(head, one.getValue())));
            done.add(domain);
            sent += send(
                    to,
                    "Report Domain: " + domain + " Submitter: " + parts.hostname() + " Report-ID: <" + id + ">",
                    "",
                    "mixed",
                    "A DMARC aggregate report for " + domain + ".\r\n",
                    xml);
        }
        return sent;
    }

    /** Returns whether an address in another domain accepts reports about this one. RFC 9990, 4. */
    private boolean accepts(String domain, String address) {
        String target = address.substring(address.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
        if (target.equals(domain) || target.endsWith("." + domain)) {
            return true;
        }
        return texts(domain + "._report._dmarc." + target).stream().anyMatch(text -> text.startsWith("v=DMARC1"));
    }

    private int sendTls(ObservationFiles.Day day, SentDomains done) throws IOException {
        int sent = 0;
        for (Map.Entry<String, List<TlsObservation>> one :
                ObservationFiles.read(day, TlsObservation::parse).entrySet()) {
            String domain = one.getKey();
            if (done.has(domain)) {
                continue;
            }
            List<String> to = TlsReport.recipients(texts("_smtp._tls." + domain));
            String id = id(day, domain);
            Attachment json = new Attachment(
                    parts.hostname() + "!" + domain + "!" + DmarcReport.begin(day.date()) + "!"
                            + DmarcReport.end(day.date()) + "!" + id + ".json.gz",
                    "application/tlsrpt+gzip",
                    gzip(TlsReport.json(parts.hostname(), sender(), id, day.date(), one.getValue())));
            done.add(domain);
            sent += send(
                    to.subList(0, Math.min(MOST_RECIPIENTS, to.size())),
                    "Report Domain: " + domain + " Submitter: " + parts.hostname() + " Report-ID: <" + id + ">",
                    "TLS-Report-Domain: " + domain + "\r\nTLS-Report-Submitter: " + parts.hostname() + "\r\n",
                    "report; report-type=\"tlsrpt\"",
                    "A report on TLS to the servers of " + domain + ".\r\n",
                    json);
        }
        return sent;
    }

    private List<String> texts(String name) {
        try {
            DnsAnswer<String> answer =
                    parts.dns().txt(name).toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return answer instanceof DnsAnswer.Found<String> found ? found.records() : List.of();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("event=report-lookup-failed name={} reason=\"{}\"", name, Failures.text(e));
        }
        return List.of();
    }

    private String id(ObservationFiles.Day day, String domain) {
        return day.date() + "-" + Long.toString(parts.clock().millis(), 36) + "-"
                + Integer.toHexString(domain.hashCode()) + "@" + parts.hostname();
    }

    private String sender() {
        String configured = parts.settings().sender();
        return configured == null ? "postmaster@" + parts.domain().get() : configured;
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream octets = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(octets)) {
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return octets.toByteArray();
    }

    private record Attachment(String name, String type, byte[] content) {}

    private int send(List<String> to, String subject, String fields, String kind, String text, Attachment attachment) {
        int sent = 0;
        for (String address : to) {
            Address recipient = PathParser.parseAddress(address);
            if (recipient != null && send(recipient, subject, fields, kind, text, attachment)) {
                sent++;
            }
        }
        return sent;
    }

    private boolean send(Address to, String subject, String fields, String kind, String text, Attachment attachment) {
        MessageWriter writer = parts.spool().newMessage(1);
        Instant now = parts.clock().instant();
        String boundary = "=_" + writer.id();
        String message = "From: <" + sender() + ">\r\nTo: <" + to + ">\r\nSubject: " + subject + "\r\n" + fields
                + "Date: "
                + MailDate.format(now, ZoneOffset.UTC) + "\r\nMessage-ID: <" + writer.id() + "@" + parts.hostname()
                + ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: multipart/" + kind
                + "; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary
                + "\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" + text + "\r\n--" + boundary
                + "\r\nContent-Type: "
                + attachment.type()
                + "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\""
                + attachment.name() + "\"\r\n\r\n"
                + Base64.getMimeEncoder().encodeToString(attachment.content()) + "\r\n--" + boundary + "--\r\n";
        DkimSigner.Scan scan = new DkimSigner(parts.keys(), parts.clock()).begin();
        scan.feed(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8));
        String signed = scan.sign("") + message;
        try {
            RecipientRouter.Routing routing = parts.router()
                    .route(to, null, null, true)
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!(routing instanceof RecipientRouter.Routing.Accepted accepted)) {
                throw new IOException(String.valueOf(routing));
            }
            writer.append(Unpooled.copiedBuffer(signed, StandardCharsets.UTF_8));
            Envelope envelope = Envelope.of(writer.id(), ReversePath.NULL, accepted.recipients(), Arrival.local(now));
            parts.acceptor()
                    .accept(writer, envelope, Unpooled.EMPTY_BUFFER)
                    .toCompletableFuture()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | IOException e) {
            LOG.warn("event=report-not-sent to=<{}> reason=\"{}\"", to, Failures.text(e));
        }
        return false;
    }
}
