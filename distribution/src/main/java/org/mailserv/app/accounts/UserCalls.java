package org.mailserv.app.accounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.NewUser;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.SettingSource;
import org.mailserv.app.api.UserChange;
import org.mailserv.app.api.UserForward;
import org.mailserv.app.api.UserInfo;
import org.mailserv.app.api.UserQuery;
import org.mailserv.app.api.UsersQuery;
import org.mailserv.server.account.Account;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.PasswordScheme;
import org.mailserv.server.account.UsersFile;
import org.mailserv.server.mailbox.MailboxUsage;

/** The calls that list and change users. */
public final class UserCalls {
    private static final int PATIENCE_SECONDS = 10;
    private static final int LONGEST_PASSWORD = 1_000;

    private final AccountFiles files;
    private final Forwards forwards;

    public UserCalls(AccountFiles files) {
        this.files = files;
        this.forwards = new Forwards(files);
    }

    public void register(CallRegistry api) {
        api.on(Calls.USERS, (request, by) -> list(request))
                .on(Calls.USER, (request, by) -> show(AccountNames.user(request.user())))
                .on(Calls.ADD_USER, (request, by) -> add(request))
                .on(Calls.CHANGE_USER, (request, by) -> change(request))
                .on(Calls.FORWARD_USER, (request, by) -> forward(request))
                .on(Calls.REMOVE_USER, (request, by) -> remove(request));
    }

    private List<UserInfo> list(UsersQuery query) throws IOException {
        files.accounts().refresh();
        List<Account> chosen = files.accounts().accounts().stream()
                .filter(account ->
                        AccountNames.isIn(query.domain(), account.mailbox().toString()))
                .toList();
        return infos(chosen);
    }

    private UserInfo show(MailboxName mailbox) throws ApiException, IOException {
        files.accounts().refresh();
        return infos(List.of(find(mailbox))).get(0);
    }

    private Account find(MailboxName mailbox) throws ApiException {
        return files.accounts().accounts().stream()
                .filter(account -> account.mailbox().equals(mailbox))
                .findFirst()
                .orElseThrow(() -> ApiException.notFound(mailbox + ": no such user"));
    }

    private List<UserInfo> infos(List<Account> chosen) throws IOException {
        UsersFile.Content content = files.users().read();
        // All sizes are asked for before the first is waited for.
        Map<MailboxName, CompletionStage<MailboxUsage>> sizes = new HashMap<>();
        for (Account account : chosen) {
            CompletionStage<MailboxUsage> size = files.sizes().of(account.mailbox());
            if (size != null) {
                sizes.put(account.mailbox(), size);
            }
        }
        List<UserInfo> infos = new ArrayList<>();
        for (Account account : chosen) {
            MailboxName mailbox = account.mailbox();
            UsersFile.Details details = content.details().getOrDefault(mailbox, UsersFile.Details.NONE);
            infos.add(info(account, details, usage(sizes.get(mailbox))));
        }
        return infos;
    }

    private UserInfo info(Account account, UsersFile.Details details, @Nullable MailboxUsage usage) {
        MailboxName mailbox = account.mailbox();
        Forwards.State forward = forwards.of(mailbox);
        return new UserInfo(
                mailbox.toString(),
                AccountNames.isConfigured(mailbox, files.config().get()) ? SettingSource.CONFIG : SettingSource.FILE,
                details.disabled(),
                account.restrictions().closed(),
                account.password() != null,
                details.networks(),
                account.quotaOctets(),
                account.quotaMessages(),
                usage == null ? null : usage.octets(),
                usage == null ? null : usage.messages(),
                forward.to(),
                forward.keepCopy(),
                account.senders().stream().sorted().toList(),
                files.appPasswords().of(mailbox).stream()
                        .map(UserExtraCalls::info)
                        .toList());
    }

    private static @Nullable MailboxUsage usage(@Nullable CompletionStage<MailboxUsage> size) {
        try {
            return size == null ? null : size.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } catch (ExecutionException | TimeoutException e) {
            // The rest about the user is known, and is what was asked for.
            return null;
        }
    }

    private UserInfo add(NewUser request) throws ApiException, IOException {
        MailboxName mailbox = AccountNames.user(request.user());
        AccountNames.requireLocal(mailbox.domain(), files.config().get());
        long octets = quota(request.quotaOctets(), "quota_octets");
        long messages = quota(request.quotaMessages(), "quota_messages");
        files.accounts().refresh();
        requireFree(mailbox);
        String hash = hash(request.password(), request.passwordHash());
        if (hash == null) {
            throw ApiException.malformed("password: missing (expected: a password, or password_hash)");
        }
        UserForward forward = new UserForward(mailbox.toString(), request.forward(), request.keepCopy());
        forwards.check(mailbox, forward);
        if (!files.users().add(mailbox, hash, Boolean.TRUE.equals(request.disabled()), octets, messages)) {
            throw exists(mailbox);
        }
        if (!forward.to().isEmpty()) {
            forwards.set(mailbox, forward);
        }
        return show(mailbox);
    }

    private void requireFree(MailboxName mailbox) throws ApiException, IOException {
        if (AccountNames.isConfigured(mailbox, files.config().get())) {
            throw new ApiException(ApiException.Kind.CONFLICT, mailbox + " is in the configuration already");
        } else if (files.users().read().users().containsKey(mailbox)) {
            throw exists(mailbox);
        }
        List<String> targets = files.accounts().aliases().get(mailbox.toString());
        if (targets != null) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    mailbox + " is an alias, for " + String.join(", ", targets) + ": remove it first");
        }
    }

    private static ApiException exists(MailboxName mailbox) {
        return new ApiException(
                ApiException.Kind.CONFLICT,
                mailbox + " is there already: `mailserv user passwd " + mailbox + "` changes the password");
    }

    private UserInfo change(UserChange request) throws ApiException, IOException {
        MailboxName mailbox = requireInFile(request.user());
        String hash = hash(request.password(), request.passwordHash());
        Long octets = request.quotaOctets();
        Long messages = request.quotaMessages();
        if (octets != null || messages != null) {
            Account now = find(mailbox);
            files.users()
                    .setQuota(
                            mailbox,
                            octets == null ? now.quotaOctets() : quota(octets, "quota_octets"),
                            messages == null ? now.quotaMessages() : quota(messages, "quota_messages"));
        }
        if (hash != null) {
            files.users().put(mailbox, hash);
        }
        Boolean disabled = request.disabled();
        if (disabled != null) {
            files.users().setDisabled(mailbox, disabled);
        }
        return show(mailbox);
    }

    private UserInfo forward(UserForward request) throws ApiException, IOException {
        MailboxName mailbox = AccountNames.user(request.user());
        files.accounts().refresh();
        find(mailbox);
        forwards.check(mailbox, request);
        forwards.set(mailbox, request);
        return show(mailbox);
    }

    private Nothing remove(UserQuery request) throws ApiException, IOException {
        MailboxName mailbox = requireInFile(request.user());
        files.users().remove(mailbox);
        forwards.remove(mailbox);
        files.appPasswords().remove(mailbox, null);
        files.vacations().remove(mailbox);
        files.accounts().refresh();
        return Nothing.NOTHING;
    }

    /** Returns a user that calls can change. */
    private MailboxName requireInFile(@Nullable String user) throws ApiException, IOException {
        MailboxName mailbox = AccountNames.user(user);
        files.accounts().refresh();
        if (AccountNames.isConfigured(mailbox, files.config().get())) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    mailbox + " is in the configuration: change it there, and `mailserv reload`");
        } else if (!files.users().read().users().containsKey(mailbox)) {
            throw ApiException.notFound(
                    mailbox + " is not in " + files.users().path() + " (`mailserv user list` shows all users)");
        }
        return mailbox;
    }

    private static long quota(@Nullable Long value, String name) throws ApiException {
        if (value != null && value < 0) {
            throw ApiException.malformed(name + ": below 0 (expected: 0 for no limit, or more)");
        }
        return Objects.requireNonNullElse(value, 0L);
    }

    /** Returns the hash for the users file, or null if the request has neither a password nor a hash. */
    private static @Nullable String hash(@Nullable String password, @Nullable String hash) throws ApiException {
        if (password != null && hash != null) {
            throw ApiException.malformed("password, password_hash: both (expected: one of them)");
        } else if (hash != null) {
            String problem =
                    hash.matches("\\S*:.*|.*\\s.*") ? "it contains a colon or a space" : PasswordScheme.problem(hash);
            if (problem != null) {
                throw ApiException.malformed("password_hash: " + problem + " (expected: {SCHEME}hash)");
            }
            return hash;
        } else if (password == null) {
            return null;
        } else if (password.isEmpty() || password.length() > LONGEST_PASSWORD) {
            throw ApiException.malformed(
                    "password: " + (password.isEmpty() ? "empty" : "longer than " + LONGEST_PASSWORD + " characters"));
        }
        return PasswordScheme.hash(password);
    }
}
