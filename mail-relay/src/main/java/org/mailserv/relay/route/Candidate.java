package org.mailserv.relay.route;

/**
 * A host that may accept the mail of a domain.
 *
 * @param name as in the DNS or in the configuration
 * @param preference of its MX record; lower is better
 */
record Candidate(String name, int preference) {}
