package org.mailserv.app.accounts;

import java.io.IOException;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.ApiException;
import org.mailserv.app.api.AppPasswordInfo;
import org.mailserv.app.api.AppPasswordMade;
import org.mailserv.app.api.AppPasswordRemoval;
import org.mailserv.app.api.CallRegistry;
import org.mailserv.app.api.Calls;
import org.mailserv.app.api.NewAppPassword;
import org.mailserv.app.api.Nothing;
import org.mailserv.app.api.UserQuery;
import org.mailserv.app.api.VacationChange;
import org.mailserv.app.api.VacationInfo;
import org.mailserv.app.vacation.Vacation;
import org.mailserv.server.account.AppPassword;
import org.mailserv.server.account.AppPasswords;
import org.mailserv.server.account.MailboxName;

/** The calls on app passwords and vacation replies of users. */
public final class UserExtraCalls {
    private static final int LONGEST_NAME = 60;
    private static final int LONGEST_SUBJECT = 200;
    private static final int LONGEST_TEXT = 10_000;

    private final AccountFiles files;

    public UserExtraCalls(AccountFiles files) {
        this.files = files;
    }

    public void register(CallRegistry api) {
        api.on(Calls.ADD_APP_PASSWORD, (request, by) -> add(request))
                .on(Calls.REMOVE_APP_PASSWORD, (request, by) -> remove(request))
                .on(Calls.VACATION, (request, by) -> vacation(request))
                .on(Calls.SET_VACATION, (request, by) -> set(request));
    }

    private MailboxName existing(@Nullable String user) throws ApiException {
        MailboxName mailbox = AccountNames.user(user);
        files.accounts().refresh();
        if (files.accounts().accounts().stream()
                .noneMatch(account -> account.mailbox().equals(mailbox))) {
            throw ApiException.notFound(mailbox + ": no such user");
        }
        return mailbox;
    }

    private AppPasswordMade add(NewAppPassword request) throws ApiException, IOException {
        MailboxName mailbox = existing(request.user());
        String name = request.name() == null ? "" : request.name().strip();
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw ApiException.malformed(
                    "name: " + (name.isEmpty() ? "missing" : "longer than " + LONGEST_NAME + " characters"));
        }
        Set<AppPassword.Scope> scopes = EnumSet.noneOf(AppPassword.Scope.class);
        for (String label : request.scopes()) {
            AppPassword.Scope scope = AppPassword.Scope.of(label);
            if (scope == null) {
                throw ApiException.malformed("scopes: unknown " + label + " (expected: smtp, pop3)");
            }
            scopes.add(scope);
        }
        AppPasswords.Made made = files.appPasswords()
                .add(mailbox, name, scopes.isEmpty() ? EnumSet.allOf(AppPassword.Scope.class) : scopes);
        if (made == null) {
            throw new ApiException(
                    ApiException.Kind.CONFLICT,
                    mailbox + " has " + AppPasswords.MOST + " app passwords already: remove one first");
        }
        return new AppPasswordMade(info(made.stored()), made.text());
    }

    static AppPasswordInfo info(AppPassword stored) {
        return new AppPasswordInfo(
                stored.id(), stored.name(), List.of(stored.scopeText().split(",")), stored.created());
    }

    private Nothing remove(AppPasswordRemoval request) throws ApiException, IOException {
        MailboxName mailbox = existing(request.user());
        if (!files.appPasswords().remove(mailbox, request.id())) {
            throw ApiException.notFound(mailbox + " has no app password " + request.id());
        }
        return Nothing.NOTHING;
    }

    private VacationInfo vacation(UserQuery request) throws ApiException {
        return info(files.vacations().of(existing(request.user())));
    }

    private static VacationInfo info(Vacation vacation) {
        return new VacationInfo(
                vacation.enabled(), vacation.subject(), vacation.text(), vacation.start(), vacation.end());
    }

    private VacationInfo set(VacationChange request) throws ApiException, IOException {
        MailboxName mailbox = existing(request.user());
        String text = request.text() == null ? files.vacations().of(mailbox).text() : request.text();
        String subject = emptyToNull(request.subject());
        if (request.isEnabled() && text.isBlank()) {
            throw ApiException.malformed("text: missing (expected: the text of the reply)");
        } else if (text.length() > LONGEST_TEXT) {
            throw ApiException.malformed("text: longer than " + LONGEST_TEXT + " characters");
        } else if (subject != null && subject.length() > LONGEST_SUBJECT) {
            throw ApiException.malformed("subject: longer than " + LONGEST_SUBJECT + " characters");
        }
        String start = date("start", request.start());
        String end = date("end", request.end());
        if (start != null && end != null && end.compareTo(start) < 0) {
            throw ApiException.malformed("end: before start");
        }
        Vacation vacation = new Vacation(request.isEnabled(), subject, text, start, end);
        files.vacations().set(mailbox, vacation);
        return info(vacation);
    }

    private static @Nullable String date(String name, @Nullable String given) throws ApiException {
        String text = emptyToNull(given);
        if (text == null) {
            return null;
        }
        LocalDate date = Vacation.date(text);
        if (date == null) {
            throw ApiException.malformed(name + ": " + text + " is no date (expected: 2026-07-01)");
        }
        return date.toString();
    }

    private static @Nullable String emptyToNull(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
