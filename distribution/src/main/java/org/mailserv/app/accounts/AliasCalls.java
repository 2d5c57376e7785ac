package org.mailserv.app.accounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.AliasChange;
import org.mailserv.app.api.AliasInfo;
import org.mailserv.app.api.AliasRemoval;
import org.mailserv.app.api.AliasesQuery;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.SettingSource;
import org.mailserv.server.account.DomainConfig;
import org.mailserv.server.account.MailboxName;

/** The calls that list and change aliases and catch-alls. */
public final class AliasCalls {
    private final AccountFiles files;

    public AliasCalls(AccountFiles files) {
        this.files = files;
    }

    public void register(CallRegistry api) {
        api.on(Calls.ALIASES, (request, by) -> list(request))
                .on(Calls.ADD_ALIAS, (request, by) -> add(request))
                .on(Calls.SET_ALIAS, (request, by) -> set(request))
                .on(Calls.REMOVE_ALIAS, (request, by) -> remove(request));
    }

    private List<AliasInfo> list(AliasesQuery query) {
        files.accounts().refresh();
        Map<String, List<String>> problems = files.accounts().aliasProblems();
        List<AliasInfo> all = new ArrayList<>();
        all().forEach((alias, targets) -> {
            if (AccountNames.isIn(query.domain(), alias)) {
                all.add(info(alias, targets, problems));
            }
        });
        return all;
    }

    /** Returns all aliases, and the catch-alls of the configuration after them. */
    private Map<String, List<String>> all() {
        Map<String, List<String>> all = new LinkedHashMap<>(files.accounts().aliases());
        files.config().get().domains().forEach((domain, settings) -> {
            String catchAll = settings.catchAll();
            if (catchAll != null) {
                all.put("@" + domain, List.of(catchAll));
            }
        });
        return all;
    }

    private AliasInfo info(String alias, List<String> targets, Map<String, List<String>> known) {
        List<String> problems = new ArrayList<>(known.getOrDefault(alias, List.of()));
        MailboxName mailbox = MailboxName.of(alias);
        if (mailbox != null
                && isMailbox(mailbox)
                && targets.stream()
                        .noneMatch(target -> mailbox.equals(AccountNames.target(target, mailbox.domain())))) {
            problems.add("mail for " + alias + " does not reach the mailbox of this name (add " + alias
                    + " to the targets to keep a copy)");
        }
        return new AliasInfo(alias, targets, isConfigured(alias) ? SettingSource.CONFIG : SettingSource.FILE, problems);
    }

    private boolean isMailbox(MailboxName mailbox) {
        return files.accounts().accounts().stream()
                .anyMatch(account -> account.mailbox().equals(mailbox));
    }

    private boolean isConfigured(String alias) {
        DomainConfig domain = files.config().get().domains().get(AccountNames.domainOf(alias));
        return alias.startsWith("@")
                ? domain != null && domain.catchAll() != null
                : files.accounts().configuredAliases().containsKey(alias);
    }

    private AliasInfo add(AliasChange request) throws ApiException, IOException {
        String alias = changeable(request.alias());
        AccountNames.requireTargets(request.targets(), AccountNames.domainOf(alias));
        List<String> present = files.aliases().read().aliases().getOrDefault(fileKey(alias), List.of());
        Set<String> all = new LinkedHashSet<>(present);
        for (String target : request.targets()) {
            if (present.stream().noneMatch(target::equalsIgnoreCase)) {
                all.add(target);
            }
        }
        if (all.size() == present.size()) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    alias + " leads to " + String.join(", ", request.targets()) + " already");
        }
        return write(alias, List.copyOf(all));
    }

    private AliasInfo set(AliasChange request) throws ApiException, IOException {
        String alias = changeable(request.alias());
        AccountNames.requireTargets(request.targets(), AccountNames.domainOf(alias));
        return write(alias, List.copyOf(new LinkedHashSet<>(request.targets())));
    }

    private AliasInfo write(String alias, List<String> targets) throws ApiException, IOException {
        if (files.accounts().isAliasLoop(alias, targets)) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    alias + " would be a loop: " + String.join(", ", targets) + " leads back to it and to no mailbox");
        }
        files.aliases().put(fileKey(alias), targets);
        files.accounts().refresh();
        return info(alias, targets, files.accounts().aliasProblems());
    }

    private Nothing remove(AliasRemoval request) throws ApiException, IOException {
        String alias = changeable(request.alias());
        List<String> left = new ArrayList<>(files.aliases().read().aliases().getOrDefault(fileKey(alias), List.of()));
        if (left.isEmpty()) {
            throw ApiException.notFound(alias + " is not in " + files.aliases().path());
        }
        for (String target : request.target()) {
            if (!left.removeIf(target::equalsIgnoreCase)) {
                throw ApiException.notFound(alias + " does not lead to " + target);
            }
        }
        files.aliases().put(fileKey(alias), request.target().isEmpty() ? List.of() : left);
        files.accounts().refresh();
        return Nothing.NOTHING;
    }

    /** Returns the name under which the file has an alias: without the domain if it was written so by hand. */
    private String fileKey(String alias) throws IOException {
        Map<String, List<String>> written = files.aliases().read().aliases();
        String bare = alias.substring(0, alias.lastIndexOf('@'));
        return !written.containsKey(alias)
                        && written.containsKey(bare)
                        && AccountNames.domainOf(alias).equals(files.accounts().primaryDomain())
                ? bare
                : alias;
    }

    private String changeable(@Nullable String text) throws ApiException {
        String alias = AccountNames.alias(text, files.config().get());
        files.accounts().refresh();
        if (isConfigured(alias)) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    alias + " is in the configuration, which comes first: change it there, and `mailserv reload`");
        }
        return alias;
    }
}
