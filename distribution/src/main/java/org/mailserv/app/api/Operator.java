package org.mailserv.app.api;

import java.util.Set;

/**
 * The person or program that uses the API.
 *
 * @param name for the audit log
 * @param role the permitted calls
 * @param local whether the operator is on the host and uses the control socket
 * @param domains the only domains that the operator sees, in canonical form; empty for all
 */
public record Operator(String name, Role role, boolean local, Set<String> domains) {
    /** Roles of operators. */
    public enum Role {
        ADMINISTRATOR,
        /** Changes what belongs to certain domains. */
        DOMAIN_ADMINISTRATOR,
        READ_ONLY,
        /** A user of the host, who may list the queue as {@code mailq} does, and nothing else. */
        HOST_USER
    }

    public Operator {
        domains = Set.copyOf(domains);
        if (role == Role.DOMAIN_ADMINISTRATOR && domains.isEmpty()) {
            throw new IllegalArgumentException("a domain administrator without a domain");
        }
    }

    /** Creates an operator who sees all domains. */
    public Operator(String name, Role role, boolean local) {
        this(name, role, local, Set.of());
    }

    /** Returns whether the operator sees only certain domains. */
    public boolean isRestricted() {
        return !domains.isEmpty();
    }

    /** Returns whether the operator sees a domain, which is in canonical form. */
    public boolean sees(String domain) {
        return domains.isEmpty() || domains.contains(domain);
    }

    /** Returns whether the operator may use a call, as far as its domains permit. */
    public boolean may(Call<?, ?> call) {
        return switch (call.access()) {
            case DOMAIN_READ -> role != Role.HOST_USER;
            case READ -> role != Role.HOST_USER && !isRestricted();
            case QUEUE -> true;
            case DOMAIN_CHANGE -> role == Role.ADMINISTRATOR || role == Role.DOMAIN_ADMINISTRATOR;
            case CHANGE -> role == Role.ADMINISTRATOR;
            case LOCAL -> role == Role.ADMINISTRATOR && local;
        };
    }
}
