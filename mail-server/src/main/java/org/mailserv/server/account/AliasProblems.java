package org.mailserv.server.account;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mailserv.codec.address.Address;

/** The aliases that lead nowhere: to mailboxes that do not exist, or only back to themselves. */
final class AliasProblems {
    private final Directory directory;

    private AliasProblems(Directory directory) {
        this.directory = directory;
    }

    /** Returns one line per problem, by the alias that has it. Aliases without a problem are left out. */
    static Map<String, List<String>> of(Directory directory) {
        AliasProblems review = new AliasProblems(directory);
        Map<String, List<String>> all = new LinkedHashMap<>();
        directory.allAliases().forEach((alias, targets) -> {
            List<String> found = review.find(alias, targets);
            if (!found.isEmpty()) {
                all.put(alias, found);
            }
        });
        return all;
    }

    /** Returns whether mail for an alias would only go round in a circle if it had these targets. */
    static boolean isLoop(Directory present, String alias, List<String> targets) {
        Directory changed = present.withAlias(alias, targets);
        AliasProblems review = new AliasProblems(changed);
        String domain = alias.substring(alias.lastIndexOf('@') + 1);
        return targets.stream()
                .map(target -> changed.target(target, domain))
                .anyMatch(address -> address != null
                        && changed.resolve(address) instanceof Resolution.Unknown
                        && review.leadsBack(address, alias));
    }

    private List<String> find(String alias, List<String> targets) {
        List<String> found = new ArrayList<>();
        String domain = alias.substring(alias.lastIndexOf('@') + 1);
        if (!directory.isLocalDomain(domain)) {
            found.add("alias " + alias + ": " + domain + " is no local domain");
        }
        for (String target : targets) {
            Address address = directory.target(target, domain);
            if (address == null || directory.resolve(address) instanceof Resolution.Unknown) {
                found.add("alias " + alias + " leads to " + target
                        + (address != null && leadsBack(address, alias)
                                ? ", which leads back to it"
                                : ", which is not there"));
            }
        }
        return found;
    }

    /** Returns whether an alias can be reached from an address over other aliases. */
    private boolean leadsBack(Address start, String alias) {
        Set<String> seen = new HashSet<>();
        Deque<Address> open = new ArrayDeque<>(List.of(start));
        for (Address next = open.poll(); next != null; next = open.poll()) {
            String name = next.canonicalLocalPart() + "@" + next.domain();
            if (name.equals(alias)) {
                return true;
            }
            List<String> targets = directory.alias(next.domain(), next.canonicalLocalPart());
            if (targets != null && seen.add(name)) {
                for (String target : targets) {
                    Address address = directory.target(target, next.domain());
                    if (address != null) {
                        open.add(address);
                    }
                }
            }
        }
        return false;
    }
}
