package org.mailserv.relay.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.ConvertSigned;
import org.mailserv.server.check.dkim.DkimSigner;

/**
 * The settings for converting messages that a server does not accept unchanged.
 *
 * @param signer replaces this server's signatures, or null if signing is off
 * @param signed the messages with third-party signatures that may be converted
 */
public record Conversion(@Nullable DkimSigner signer, ConvertSigned signed) {}
