package org.mailserv.acme;

import java.time.InstantSource;
import java.util.Collection;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.mailserv.acme.ca.CertificateAuthority;
import org.mailserv.acme.files.AcmeFolder;
import org.mailserv.server.dns.Dns;
import org.mailserv.server.tls.AcmeConfig;

/**
 * The services that certificates need.
 *
 * @param host the host name, which each certificate contains
 * @param domains the local domains, which may change
 * @param installed called after a new certificate was stored, on the thread of the certificates
 */
public record AcmeServices(
        AcmeConfig config,
        String host,
        Supplier<? extends Collection<String>> domains,
        AcmeFolder folder,
        CertificateAuthority ca,
        Dns dns,
        Runnable installed,
        AcmeNotices notices,
        InstantSource clock,
        RandomGenerator random) {}
