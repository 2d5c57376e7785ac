package org.mailserv.server.text;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Failures of TLS in words: what is wrong with the certificate, or why the handshake ended. */
final class TlsFailures {
    private static final int DEEPEST = 20;
    private static final Pattern ALERT =
            Pattern.compile("(?:fatal alert: |sslv3 alert |tlsv1 alert |tls alert )([a-z ]+)");
    private static final Pattern OTHER_NAME = Pattern.compile(
            "(?:matching|for|name) (?:ip address )?([a-z0-9:.*_-]+\\.[a-z0-9.*_-]+|[0-9a-f:]+:[0-9a-f:]+)");
    private static final Pattern SLOW = Pattern.compile("handshake timed out after (\\d{1,9})ms");

    private static final String OTHER_VERSION = "no TLS version in common (TLS 1.2 or 1.3 is needed)";

    private TlsFailures() {}

    /** Returns the words for a failure that TLS or a certificate caused, or null for any other. */
    static @Nullable String text(Throwable failure) {
        CertificateFault fault = CertificateFault.of(failure);
        if (fault != null) {
            return certificate(fault, failure);
        }
        Throwable each = failure;
        for (int i = 0; i < DEEPEST && each != null; i++) {
            String known = one(each);
            if (known != null) {
                return known;
            }
            each = each.getCause();
        }
        return null;
    }

    private static String certificate(CertificateFault fault, Throwable failure) {
        return switch (fault) {
            case EXPIRED -> "the certificate has expired and must be renewed";
            case NOT_YET_VALID -> "the certificate is not valid yet (is the clock right?)";
            case OTHER_NAME -> otherName(failure);
            case UNTRUSTED ->
                "the certificate is not trusted: no known authority signed it, or its chain is incomplete";
        };
    }

    private static String otherName(Throwable failure) {
        Throwable each = failure;
        for (int i = 0; i < DEEPEST && each != null; i++) {
            String text = String.valueOf(each.getMessage()).toLowerCase(Locale.ROOT);
            Matcher name = OTHER_NAME.matcher(text);
            if (CertificateFault.isOtherName(text) && name.find()) {
                return "the certificate is not for " + name.group(1);
            }
            each = each.getCause();
        }
        return "the certificate is for another name";
    }

    private static @Nullable String one(Throwable failure) {
        if (failure.getClass().getSimpleName().equals("NotSslRecordException")) {
            return "the other side does not speak TLS on this port";
        }
        String text =
                String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).replace('_', ' ');
        if (text.contains("validity check failed")) {
            return "the certificate has expired or is not valid yet";
        } else if (text.contains("no appropriate protocol") || text.contains("unsupported protocol")) {
            return OTHER_VERSION;
        } else if (text.contains("no shared cipher") || text.contains("no cipher suites in common")) {
            return "no TLS cipher or certificate type in common";
        } else if (text.contains("internal:wrong version number") || text.contains("internal:http request")) {
            return "the other side does not speak TLS on this port";
        }
        Matcher slow = SLOW.matcher(text);
        if (slow.find()) {
            return "the TLS handshake took longer than "
                    + Durations.text(Duration.ofMillis(Long.parseLong(slow.group(1))));
        }
        Matcher alert = ALERT.matcher(text);
        return alert.find() ? alert(alert.group(1).strip()) : null;
    }

    /** The alerts of RFC 8446, 6, that the other side sends. */
    private static String alert(String name) {
        return switch (name) {
            case "certificate unknown", "bad certificate", "unknown ca", "unsupported certificate" ->
                "the other side does not trust our certificate (" + name + ")";
            case "certificate expired" -> "the other side says that our certificate has expired";
            case "handshake failure", "insufficient security" ->
                "the other side ended the TLS handshake: no cipher or certificate type in common";
            case "protocol version" -> OTHER_VERSION;
            case "unrecognized name" -> "the other side does not serve this name by TLS";
            default -> "the other side ended TLS: " + name;
        };
    }
}
