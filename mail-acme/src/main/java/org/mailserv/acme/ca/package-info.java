/**
 * The certificate authority as seen by the server: orders, suggestions for renewal, and its errors in words. RFC 8555, RFC 9773.
 * When to order, and where certificates are stored, does not belong here.
 * Start reading at {@link org.mailserv.acme.ca.CertificateAuthority}.
 */
@NullMarked
package org.mailserv.acme.ca;

import org.jspecify.annotations.NullMarked;
