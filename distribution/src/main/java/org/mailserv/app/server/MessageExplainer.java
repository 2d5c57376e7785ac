package org.mailserv.app.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.config.DataFolder;
import org.mailserv.app.config.MailservConfig;
import org.mailserv.app.config.StartupException;
import org.mailserv.codec.address.Address;
import org.mailserv.codec.address.PathParser;
import org.mailserv.codec.address.ReversePath;
import org.mailserv.codec.header.Authors;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;
import org.mailserv.codec.smtp.SmtpReply;
import org.mailserv.server.check.MessageChecks;
import org.mailserv.server.check.StandardChecks;
import org.mailserv.server.check.dkim.DkimKeys;
import org.mailserv.server.disk.RealDisk;
import org.mailserv.server.event.MailEvents;
import org.mailserv.server.report.Observations;

/** Runs the checks of incoming mail on a message in a file, and says what they found and by what the DNS said. Blocks. */
public final class MessageExplainer {
    private static final Pattern FROM_CLIENT = Pattern.compile(
            "from\\s+(\\S+)\\s+\\((?:[^\\[\\]()]*\\[)?(?:IPv6:)?([0-9a-fA-F.:]+)\\]?\\).*", Pattern.DOTALL);
    private static final Pattern SIGNER = Pattern.compile("(?:^|;)\\s*(d|s)\\s*=\\s*([^;\\s]+)");
    private static final int PIECE = 8192;
    private static final int MOST_HEADER = 256 << 10;

    private final MailservConfig config;
    private final Lookups lookups;
    private final Consumer<String> out;

    public MessageExplainer(MailservConfig config, Lookups lookups, Consumer<String> out) {
        this.config = config;
        this.lookups = lookups;
        this.out = out;
    }

    /**
     * Facts about the message that its content lacks or misstates.
     *
     * @param client its address; null for that of the topmost Received field
     * @param helo null for that of the same field
     * @param sender null for that of Return-Path
     */
    public record Given(
            @Nullable String client,
            @Nullable String helo,
            @Nullable String sender) {}

    /** Returns whether the message would be accepted. */
    public boolean explain(Path file, Given given) throws IOException, StartupException {
        String head = head(file);
        HeaderBlock header = HeaderBlock.read(head);
        HeaderField received = header.first("Received");
        Matcher trace = FROM_CLIENT.matcher(received == null ? "" : received.value());
        boolean traced = trace.matches();
        String client = given.client() != null ? given.client() : traced ? trace.group(2) : null;
        String helo = given.helo() != null ? given.helo() : traced ? trace.group(1) : "unknown";
        byte[] octets = client == null ? null : NetUtil.createByteArrayFromIpAddressString(client);
        if (octets == null) {
            throw new StartupException(
                    file + ": no Received field says which client it came from (expected: --client ADDRESS)");
        }
        ReversePath sender = sender(header, given.sender());
        out.accept("client    " + client + ", HELO " + helo + ", MAIL FROM <" + sender + ">");
        evidence(header, Authors.of(head).occurring(), sender, helo);
        MessageChecks checks = StandardChecks.chain(
                List.of(),
                new StandardChecks.Parts(
                        config.checks(),
                        config.hostname(),
                        lookups.dns(),
                        new DkimKeys(new DataFolder(config, new RealDisk()).dkim(), InstantSource.system()),
                        Runnable::run,
                        Observations.NONE,
                        InstantSource.system(),
                        MailEvents.NONE),
                List.of());
        MessageChecks.Inspection inspection =
                checks.begin(new MessageChecks.Facts(InetAddress.getByAddress(octets), helo, sender, false));
        if (inspection == null) {
            out.accept("checks    none: all are off, or the client is in checks.exempt-networks");
            return true;
        }
        feed(file, inspection);
        return report(Lookups.await(inspection.finish("")));
    }

    private static String head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String text =
                    new String(in.readNBytes(MOST_HEADER), StandardCharsets.ISO_8859_1).replaceAll("\r?\n", "\r\n");
            int end = text.indexOf("\r\n\r\n");
            return end < 0 ? text : text.substring(0, end + 2);
        }
    }

    private static ReversePath sender(HeaderBlock header, @Nullable String given) {
        HeaderField path = header.first("Return-Path");
        String text = given != null ? given : path == null ? "" : path.value().replaceAll("[<>\\s]", "");
        Address address = text.isEmpty() ? null : PathParser.parseAddress(text);
        return address == null ? ReversePath.NULL : new ReversePath(address);
    }

    /** As it came: what this server put above its own Received field is not part of what was signed, and does no harm. */
    private static void feed(Path file, MessageChecks.Inspection inspection) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            boolean afterCr = false;
            for (byte[] piece = in.readNBytes(PIECE); piece.length > 0; piece = in.readNBytes(PIECE)) {
                ByteBuf buffer = Unpooled.buffer(piece.length + 64);
                for (byte octet : piece) {
                    // A file that was kept with the line ends of its system.
                    if (octet == '\n' && !afterCr) {
                        buffer.writeByte('\r');
                    }
                    buffer.writeByte(octet);
                    afterCr = octet == '\r';
                }
                inspection.feed(buffer);
                inspection.filter(buffer).release();
            }
            inspection.rest().release();
        }
    }

    private void evidence(HeaderBlock header, List<String> authors, ReversePath sender, String helo)
            throws StartupException {
        Address address = sender.address();
        record("SPF", address == null ? helo : address.domain(), "v=spf1");
        Set<String> keys = new LinkedHashSet<>();
        for (String name : new String[] {"DKIM-Signature", "ARC-Message-Signature", "ARC-Seal"}) {
            for (HeaderField field : header.all(name)) {
                String domain = "";
                String selector = "";
                Matcher tags = SIGNER.matcher(field.value());
                while (tags.find()) {
                    domain = tags.group(1).equals("d") ? tags.group(2) : domain;
                    selector = tags.group(1).equals("s") ? tags.group(2) : selector;
                }
                keys.add(selector + "._domainkey." + domain);
            }
        }
        for (String key : keys) {
            record("key", key, "");
        }
        for (String domain : authors) {
            record("DMARC", "_dmarc." + domain, "v=DMARC1");
        }
    }

    private void record(String what, String name, String prefix) throws StartupException {
        boolean any = false;
        for (String text : Lookups.records(lookups.dns().txt(name))) {
            if (text.startsWith(prefix)) {
                out.accept(String.format(Locale.ROOT, "%-9s %s: %s", what, name, text.replaceAll("[^ -~]", "?")));
                any = true;
            }
        }
        if (!any) {
            out.accept(String.format(Locale.ROOT, "%-9s %s: no record", what, name));
        }
    }

    private boolean report(MessageChecks.Verdict verdict) {
        for (String line : verdict.fields().split("\r\n")) {
            out.accept(line.startsWith("\t") ? "          " + line.strip() : line);
        }
        SmtpReply refusal = verdict.refusal();
        if (refusal != null) {
            out.accept("verdict   " + (refusal.isTransient() ? "put off: " : "refused: ") + refusal);
        } else {
            out.accept("verdict   taken"
                    + (verdict.disposition() == MessageChecks.Disposition.JUNK
                            ? ", into the Junk folder"
                            : verdict.fields().contains("X-Spam-Flag") ? ", marked as suspicious" : ""));
        }
        return refusal == null;
    }
}
