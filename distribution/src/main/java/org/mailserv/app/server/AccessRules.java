package org.mailserv.app.server;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.Call;
import org.mailserv.app.api.DomainRequest;
import org.mailserv.app.api.Operator;
import org.mailserv.app.api.Visible;

/** The rights of operators: the calls that their role permits, and the domains that they see. */
final class AccessRules {
    private AccessRules() {}

    /** Returns the reason why an operator may not make a request, or null. */
    static @Nullable String refusal(Call<?, ?> call, Record request, Operator by) {
        if (!by.may(call)) {
            return forbidden(call, by);
        }
        if (by.isRestricted() && request instanceof DomainRequest concerned) {
            for (String domain : concerned.concernedDomains()) {
                if (!by.sees(domain)) {
                    return "the operator " + by.name() + " has no rights in " + domain;
                }
            }
        }
        // A change without a domain would be one of everything.
        return by.isRestricted()
                        && call.access() == Call.Access.DOMAIN_CHANGE
                        && !(request instanceof DomainRequest concerned
                                && !concerned.concernedDomains().isEmpty())
                ? "the operator " + by.name() + " may change certain domains only"
                : null;
    }

    private static String forbidden(Call<?, ?> call, Operator by) {
        if (call.access() == Call.Access.LOCAL && by.role() == Operator.Role.ADMINISTRATOR) {
            return "only the command line on the host may do this";
        } else if (by.role() == Operator.Role.HOST_USER) {
            return "users of the host may list the queue, and nothing else";
        } else if (by.role() == Operator.Role.READ_ONLY && !call.isReading()) {
            return "the operator " + by.name() + " may only read";
        }
        return "the operator " + by.name() + " may see certain domains only";
    }

    /** Returns an answer without what belongs to other domains; null if nothing is left of it. */
    @SuppressWarnings("unchecked") // A list without some of its elements is a list of the same type.
    static <A> @Nullable A visible(A answer, Operator by) {
        if (!by.isRestricted()) {
            return answer;
        } else if (answer instanceof List<?> list) {
            return (A) list.stream()
                    .filter(item -> item instanceof Visible one && one.isVisibleTo(by))
                    .toList();
        }
        return answer instanceof Visible one && !one.isVisibleTo(by) ? null : answer;
    }
}
