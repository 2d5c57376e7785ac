package org.mailserv.app.api;

/**
 * The person or program that uses the API.
 *
 * @param name for the audit log
 * @param role the permitted calls
 * @param local whether the operator is on the host and uses the control socket
 */
public record Operator(String name, Role role, boolean local) {
    /** Roles of operators. */
    public enum Role {
        ADMINISTRATOR,
        READ_ONLY
    }

    /** Returns whether the operator may use a call. */
    public boolean may(Call<?, ?> call) {
        return switch (call.access()) {
            case READ -> true;
            case CHANGE -> role == Role.ADMINISTRATOR;
            case LOCAL -> role == Role.ADMINISTRATOR && local;
        };
    }
}
