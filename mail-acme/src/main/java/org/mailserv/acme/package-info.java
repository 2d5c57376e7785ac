/**
 * Certificates that the server requests and renews by itself, by ACME. RFC 8555, RFC 9773.
 * The protocol belongs to {@code ca}, proofs to {@code challenge} and files to {@code files}; serving TLS belongs to the module below.
 * Start reading at {@link org.mailserv.acme.AcmeCertificates}.
 */
@NullMarked
package org.mailserv.acme;

import org.jspecify.annotations.NullMarked;
