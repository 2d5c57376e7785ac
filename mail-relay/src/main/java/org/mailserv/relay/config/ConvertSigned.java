package org.mailserv.relay.config;

/** The signed messages that may be converted for a server that cannot accept them unchanged. The others bounce. */
public enum ConvertSigned {
    /** Converts none, so that no third-party signature is invalidated. */
    NONE,
    /** Converts messages with DKIM signatures, which become invalid, but no S/MIME or PGP/MIME parts. */
    DKIM,
    /** Converts all, including S/MIME and PGP/MIME. */
    ALL
}
