package org.mailserv.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A browser at Roundcube. */
final class Webmail {
    private static final Pattern TOKEN = Pattern.compile("name=\"_token\" value=\"([^\"]+)\"");

    private Webmail() {}

    /** Logs in and returns the list of messages in the inbox, as Roundcube sends it to its script. */
    static String inbox(int port, String user, String password) throws Exception {
        HttpClient browser = HttpClient.newBuilder()
                .cookieHandler(new CookieManager())
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        URI root = URI.create("http://127.0.0.1:" + port + "/");
        String login = body(browser, HttpRequest.newBuilder(root).build());
        Matcher token = TOKEN.matcher(login);
        if (!token.find()) {
            throw new AssertionError("no form to log in: " + login);
        }
        String form = "_task=login&_action=login&_token=" + token.group(1) + "&_user=" + URLEncoder.encode(user, UTF_8)
                + "&_pass=" + URLEncoder.encode(password, UTF_8);
        String mail = body(
                browser,
                HttpRequest.newBuilder(root.resolve("?_task=login"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form))
                        .build());
        Matcher request = Pattern.compile("\"request_token\":\"([^\"]+)\"").matcher(mail);
        if (!request.find()) {
            throw new AssertionError("not logged in: " + mail);
        }
        return body(
                browser,
                HttpRequest.newBuilder(root.resolve("?_task=mail&_action=list&_mbox=INBOX&_remote=1"))
                        .header("X-Roundcube-Request", request.group(1))
                        .build());
    }

    private static String body(HttpClient browser, HttpRequest request) throws Exception {
        return browser.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
