/**
 * SASL authentication shared by SMTP and POP3. RFC 4422, RFC 4616, RFC 5802, RFC 7677. Protocol syntax and password
 * storage do not belong here; credentials are verified by {@code server.account}. Start with {@link
 * org.mailserv.server.sasl.Sasl} and {@link org.mailserv.server.sasl.SaslExchange}.
 */
@NullMarked
package org.mailserv.server.sasl;

import org.jspecify.annotations.NullMarked;
