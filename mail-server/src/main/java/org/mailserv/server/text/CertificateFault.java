package org.mailserv.server.text;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The reasons for which the certificate of the other side is refused. */
public enum CertificateFault {
    EXPIRED,
    NOT_YET_VALID,
    /** It is issued for other names. */
    OTHER_NAME,
    /** No known authority signed it, or its chain is incomplete. */
    UNTRUSTED;

    private static final int DEEPEST = 20;

    /** Returns the fault that caused a failure, or null if no certificate did. */
    public static @Nullable CertificateFault of(Throwable failure) {
        CertificateFault outermost = null;
        Throwable each = failure;
        for (int i = 0; i < DEEPEST && each != null; i++) {
            CertificateFault one = one(each);
            // A chain that cannot be built may have a more exact reason within.
            if (one != null && one != UNTRUSTED) {
                return one;
            }
            outermost = outermost == null ? one : outermost;
            each = each.getCause();
        }
        return outermost;
    }

    /** Java says by type that a certificate is too old or too young, and the rest in words only. */
    private static @Nullable CertificateFault one(Throwable failure) {
        if (failure instanceof CertificateExpiredException
                || failure instanceof CertPathValidatorException path
                        && path.getReason() == CertPathValidatorException.BasicReason.EXPIRED) {
            return EXPIRED;
        } else if (failure instanceof CertificateNotYetValidException) {
            return NOT_YET_VALID;
        }
        String text = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        if (isOtherName(text)) {
            return OTHER_NAME;
        }
        boolean chain = text.contains("pkix path") || text.contains("certification path");
        return chain && !text.contains("validity check failed") ? UNTRUSTED : null;
    }

    /** Returns whether a message of the JDK, in lower case, says that no name of the certificate fits. */
    static boolean isOtherName(String text) {
        return text.contains("no subject alternative") || text.contains("no name matching");
    }
}
