package org.mailserv.server.sasl;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The channel binding data that ties a SASL exchange to its TLS channel.
 *
 * @param type always {@code tls-server-end-point}, the type that every TLS library supports
 * @param data hash of the server's certificate
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5929#section-4">RFC 5929, 4</a>
 */
public record ChannelBinding(String type, byte[] data) {
    /** Returns the binding for the server's own certificate, or null if it cannot be computed. */
    public static @Nullable ChannelBinding ofServer(Certificate @Nullable [] chain) {
        if (chain == null || chain.length == 0 || !(chain[0] instanceof X509Certificate certificate)) {
            return null;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance(hash(certificate.getSigAlgName()));
            return new ChannelBinding("tls-server-end-point", digest.digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    /**
     * Returns the hash algorithm for a certificate's signature algorithm. MD5 and SHA-1 are replaced by SHA-256. RFC
     * 5929, 4.1.
     */
    private static String hash(String signature) {
        String upper = signature.toUpperCase(Locale.ROOT);
        return upper.startsWith("SHA384") ? "SHA-384" : upper.startsWith("SHA512") ? "SHA-512" : "SHA-256";
    }
}
