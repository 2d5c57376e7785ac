package org.mailserv.relay.config;

/** Which signed messages are converted for a server that does not take them as they are; the others go back to their senders. */
public enum ConvertSigned {
    /** None: no signature of others becomes wrong. */
    NONE,
    /** Those with DKIM signatures, which become wrong; parts with a signature of their author stay as they are. */
    DKIM,
    /** All, S/MIME and PGP/MIME too. */
    ALL
}
