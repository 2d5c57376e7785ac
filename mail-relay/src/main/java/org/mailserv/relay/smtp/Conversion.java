package org.mailserv.relay.smtp;

import org.jspecify.annotations.Nullable;
import org.mailserv.relay.config.ConvertSigned;
import org.mailserv.server.check.dkim.DkimSigner;

/**
 * How messages are made fit for servers that do not take them as they are.
 *
 * @param signer replaces the signatures of this server, or null where nothing is signed
 * @param signed which messages with other signatures are converted
 */
public record Conversion(@Nullable DkimSigner signer, ConvertSigned signed) {}
