package org.mailserv.acme;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.util.HexFormat;
import org.mailserv.server.dns.Dns;

/**
 * The TLSA record of a key: usage DANE-EE, selector public key, SHA-256 ("3 1 1"), as mail servers publish it. RFC 7672, 3.1.1.
 *
 * @param owner name of the record
 * @param data SHA-256 hash of the public key, in hexadecimal
 */
public record TlsaRecord(String owner, String data) {
    /** Creates the record of a key for the SMTP port of a host. */
    public static TlsaRecord of(String host, PublicKey key) {
        return new TlsaRecord(ownerOf(host), hash(key));
    }

    /** Returns the SHA-256 hash of a public key, in hexadecimal. */
    public static String hash(PublicKey key) {
        return HexFormat.of().formatHex(sha256(key.getEncoded()));
    }

    /** Returns the owner name of the TLSA records of a host's SMTP port. */
    public static String ownerOf(String host) {
        return "_25._tcp." + host;
    }

    private static byte[] sha256(byte[] octets) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(octets);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no SHA-256 in this JVM", e);
        }
    }

    /** Returns whether a record of the DNS is this one. */
    public boolean isSame(Dns.TlsaRecord published) {
        return published.usage() == 3
                && published.selector() == 1
                && published.matchingType() == 1
                && HexFormat.of().formatHex(published.data()).equals(data);
    }

    /** Returns the record as in a zone file. */
    @Override
    public String toString() {
        return owner + ". IN TLSA 3 1 1 " + data;
    }
}
