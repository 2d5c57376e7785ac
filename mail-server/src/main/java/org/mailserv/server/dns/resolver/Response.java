package org.mailserv.server.dns.resolver;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsPtrRecord;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One server's answer, copied out of Netty's buffers.
 *
 * @param code response code with the extended bits of the OPT record. RFC 6891, 6.1.3
 * @param records data (RDATA) of the requested records
 * @param owner the name at the end of a CNAME chain, or the queried name
 * @param alias the end of a CNAME chain whose records are missing from the answer, otherwise null
 * @param doubt the reason why an answer without records proves nothing, otherwise null
 * @param ttl in seconds; for a negative answer, taken from the SOA record
 */
record Response(
        DnsResponseCode code,
        List<Data> records,
        String owner,
        @Nullable String alias,
        @Nullable String doubt,
        boolean authenticated,
        long ttl) {
    private static final int MAX_CNAMES = 8;
    private static final int MAX_RECORDS = 500;
    private static final long TTL_OF_NO = 60;

    /**
     * The data of a record.
     *
     * @param name the domain name after {@code octets}, for types that contain one
     */
    record Data(byte[] octets, String name) {}

    /**
     * Parses an answer. The caller keeps ownership of the message.
     *
     * @throws RuntimeException if the answer is malformed
     */
    static Response read(DnsResponse message, String question, DnsRecordType type) {
        String name = question;
        long ttl = Long.MAX_VALUE;
        int followed = 0;
        for (String next = cname(message, name, type); next != null && followed < MAX_CNAMES; followed++) {
            ttl = Math.min(ttl, ttlOf(message, name, DnsRecordType.CNAME));
            name = next;
            next = cname(message, name, type);
        }
        List<Data> records = new ArrayList<>();
        int count = message.count(DnsSection.ANSWER);
        for (int i = 0; i < count && records.size() < MAX_RECORDS; i++) {
            DnsRecord record = message.recordAt(DnsSection.ANSWER, i);
            if (record.type().equals(type) && RecordNames.normal(record.name()).equals(name)) {
                records.add(data(record, type));
                ttl = Math.min(ttl, record.timeToLive());
            }
        }
        boolean authenticated = (message.z() & 2) != 0;
        boolean found = !records.isEmpty();
        if (!found && (followed == MAX_CNAMES || followed > 0 && name.equals(question))) {
            throw new IllegalArgumentException("CNAMEs without an end");
        }
        String alias = found || name.equals(question) ? null : name;
        DnsResponseCode code = code(message);
        return new Response(
                code,
                records,
                name,
                alias,
                doubt(message, code, found, alias, question),
                authenticated,
                found ? ttl : negativeTtl(message, ttl));
    }

    /** The OPT record contains eight more bits. Without them, BADVERS looks like success. */
    private static DnsResponseCode code(DnsResponse message) {
        for (int i = 0; i < message.count(DnsSection.ADDITIONAL); i++) {
            DnsRecord record = message.recordAt(DnsSection.ADDITIONAL, i);
            if (record.type().equals(DnsRecordType.OPT)) {
                return DnsResponseCode.valueOf((int) (record.timeToLive() >> 24 & 0xFF) << 4
                        | message.code().intValue());
            }
        }
        return message.code();
    }

    private static @Nullable String doubt(
            DnsResponse message, DnsResponseCode code, boolean found, @Nullable String alias, String question) {
        if (found) {
            return code.equals(DnsResponseCode.NXDOMAIN) ? "records of a name that is said not to exist" : null;
        }
        boolean proves = alias != null || code.equals(DnsResponseCode.NXDOMAIN);
        return proves ? null : NoDataProof.doubt(message, question);
    }

    private static @Nullable String cname(DnsResponse message, String name, DnsRecordType type) {
        if (type.equals(DnsRecordType.CNAME)) {
            return null;
        }
        for (int i = 0; i < message.count(DnsSection.ANSWER); i++) {
            DnsRecord record = message.recordAt(DnsSection.ANSWER, i);
            if (record.type().equals(DnsRecordType.CNAME)
                    && record instanceof DnsRawRecord raw
                    && RecordNames.normal(record.name()).equals(name)) {
                return RecordNames.normal(
                        DefaultDnsRecordDecoder.decodeName(raw.content().duplicate()));
            }
        }
        return null;
    }

    private static long ttlOf(DnsResponse message, String name, DnsRecordType type) {
        long ttl = Long.MAX_VALUE;
        for (int i = 0; i < message.count(DnsSection.ANSWER); i++) {
            DnsRecord record = message.recordAt(DnsSection.ANSWER, i);
            if (record.type().equals(type) && RecordNames.normal(record.name()).equals(name)) {
                ttl = Math.min(ttl, record.timeToLive());
            }
        }
        return ttl;
    }

    /** Returns the lesser of the SOA's TTL and its MINIMUM field. RFC 2308, 5. */
    private static long negativeTtl(DnsResponse message, long ofAliases) {
        for (int i = 0; i < message.count(DnsSection.AUTHORITY); i++) {
            DnsRecord record = message.recordAt(DnsSection.AUTHORITY, i);
            if (record.type().equals(DnsRecordType.SOA) && record instanceof DnsRawRecord raw) {
                ByteBuf content = raw.content();
                int length = content.readableBytes();
                long minimum = length < 22 ? 0 : content.getUnsignedInt(content.readerIndex() + length - 4);
                return Math.min(ofAliases, Math.min(record.timeToLive(), minimum));
            }
        }
        return Math.min(ofAliases, TTL_OF_NO);
    }

    private static Data data(DnsRecord record, DnsRecordType type) {
        if (record instanceof DnsPtrRecord ptr) {
            return new Data(new byte[0], RecordNames.normal(ptr.hostname()));
        } else if (record instanceof DnsRawRecord raw) {
            ByteBuf content = raw.content().duplicate();
            if (type.equals(DnsRecordType.MX)) {
                byte[] preference = ByteBufUtil.getBytes(content.readSlice(2));
                return new Data(preference, RecordNames.normal(DefaultDnsRecordDecoder.decodeName(content)));
            } else if (type.equals(DnsRecordType.SRV)) {
                byte[] numbers = ByteBufUtil.getBytes(content.readSlice(6));
                return new Data(numbers, RecordNames.normal(DefaultDnsRecordDecoder.decodeName(content)));
            } else if (type.equals(DnsRecordType.CNAME)) {
                return new Data(new byte[0], RecordNames.normal(DefaultDnsRecordDecoder.decodeName(content)));
            }
            return new Data(ByteBufUtil.getBytes(content), "");
        }
        throw new IllegalArgumentException("a record of an unknown kind: " + record.type());
    }
}
