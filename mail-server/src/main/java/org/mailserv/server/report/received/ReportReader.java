package org.mailserv.server.report.received;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipInputStream;

/** Finds the reports in a message. A message without any is not an error. */
public final class ReportReader {
    /** Maximum size of a message in octets. RFC 9990, 3.5.2 expects reports below 10 MB. */
    public static final int MAX_MESSAGE = 16 << 20;

    /** Maximum size of an uncompressed report in octets, which bounds the memory of a decompression bomb. */
    static final int MAX_REPORT = 32 << 20;

    private ReportReader() {}

    /**
     * Reads the reports of a message.
     *
     * @param message the whole message; more than {@link #MAX_MESSAGE} octets are refused
     * @return the reports, empty if no part of the message is one
     * @throws ReportFormatException if a part claims to be a report and cannot be read
     */
    public static List<ReceivedReport> read(byte[] message) throws ReportFormatException {
        if (message.length > MAX_MESSAGE) {
            throw new ReportFormatException("the message has more than " + MAX_MESSAGE + " octets");
        }
        List<ReceivedReport> reports = new ArrayList<>();
        for (MimeParts.Part part : MimeParts.of(message)) {
            byte[] content = part.isReport() ? uncompressed(part.content()) : new byte[0];
            int first = firstLetter(content);
            if (first == '<') {
                reports.add(DmarcReportReader.read(content));
            } else if (first == '{') {
                reports.addAll(TlsReportReader.read(content));
            }
        }
        return reports;
    }

    private static int firstLetter(byte[] content) {
        for (byte octet : content) {
            // A byte order mark may precede the text.
            if (octet > ' ') {
                return octet;
            }
        }
        return -1;
    }

    /** Uncompresses by the content and not by its name or type, which senders get wrong. */
    private static byte[] uncompressed(byte[] content) throws ReportFormatException {
        try {
            if (content.length > 2 && content[0] == 0x1f && content[1] == (byte) 0x8b) {
                return bounded(new GZIPInputStream(new ByteArrayInputStream(content)));
            } else if (content.length > 2 && content[0] == 'P' && content[1] == 'K') {
                ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(content));
                return zip.getNextEntry() == null ? new byte[0] : bounded(zip);
            }
        } catch (IOException e) {
            throw new ReportFormatException("the attachment cannot be uncompressed", e);
        }
        return content;
    }

    private static byte[] bounded(InputStream in) throws IOException, ReportFormatException {
        byte[] octets = in.readNBytes(MAX_REPORT + 1);
        if (octets.length > MAX_REPORT) {
            throw new ReportFormatException("the report has more than " + MAX_REPORT + " octets");
        }
        return octets;
    }
}
