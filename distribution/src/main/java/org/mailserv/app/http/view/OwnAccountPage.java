package org.mailserv.app.http.view;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.mailserv.app.api.SettingSource;
import org.mailserv.app.api.UserInfo;
import org.mailserv.app.api.VacationInfo;
import org.mailserv.app.config.ClientService;
import org.mailserv.server.tls.TlsMode;

/**
 * The users' own page.
 *
 * @param host name of the server
 * @param token secret that every form of the session carries
 * @param notice result of the last change, or null
 * @param problem the reason why the last change was not made, or null
 * @param secret a new app password, which is shown once, or null
 * @param services services for mail programs, the best first
 */
public record OwnAccountPage(
        String host,
        String token,
        @Nullable String notice,
        @Nullable String problem,
        @Nullable String secret,
        UserInfo user,
        VacationInfo vacation,
        List<ClientService> services) {
    /** Returns the URL of a static file of this page, which changes with its content. */
    public static String file(String name) {
        return StaticFiles.url(name).replaceFirst("^/admin", "/account");
    }

    /** Returns whether the user may change the password here. */
    public boolean mayChangePassword() {
        return user.source() == SettingSource.FILE;
    }

    /** Returns the size of the mailbox in words, with its quota. */
    public String usage() {
        Long octets = user.usedOctets();
        Long messages = user.usedMessages();
        return (octets == null || messages == null
                        ? "unknown"
                        : Words.size(octets) + " in " + Words.count(messages, "message"))
                + (user.quotaOctets() == 0 ? "" : " of " + Words.size(user.quotaOctets()))
                + (user.quotaMessages() == 0 ? "" : ", at most " + Words.count(user.quotaMessages(), "message"));
    }

    /** Returns the used part of the quota from 0 to 100, or -1 without a quota. */
    public int percent() {
        Long octets = user.usedOctets();
        return octets == null || user.quotaOctets() == 0 ? -1 : (int) Math.min(100, octets * 100 / user.quotaOctets());
    }

    public String forwards() {
        return String.join("\n", user.forward());
    }

    public static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    /** Returns the encryption of a service as mail programs call it. */
    public static String encryption(ClientService service) {
        return service.tls() == TlsMode.IMPLICIT ? "SSL/TLS" : service.tls() == TlsMode.STARTTLS ? "STARTTLS" : "none";
    }

    /** Returns the address from which mail programs fetch their settings. */
    public String autoconfig() {
        String domain = user.user().substring(user.user().lastIndexOf('@') + 1);
        return "https://autoconfig." + domain + "/mail/config-v1.1.xml?emailaddress="
                + URLEncoder.encode(user.user(), StandardCharsets.UTF_8);
    }

    /** Returns the address of the settings as a QR code. */
    public QrImage qr() {
        return QrImage.of(autoconfig());
    }
}
