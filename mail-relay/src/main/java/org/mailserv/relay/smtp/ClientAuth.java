package org.mailserv.relay.smtp;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.smtp.SmtpCommand;
import org.mailserv.relay.route.Route;

/** The client side of AUTH. RFC 4954, 4; RFC 4616 (PLAIN), RFC 2195 (CRAM-MD5), and the de-facto LOGIN mechanism. */
abstract class ClientAuth {
    private final String mechanism;

    private ClientAuth(String mechanism) {
        this.mechanism = mechanism;
    }

    /**
     * Selects the best mechanism that the server offers.
     *
     * @param secure whether the connection uses TLS; without it CRAM-MD5 is preferred to PLAIN
     * @return the mechanism, or null if none is supported
     */
    static @Nullable ClientAuth choose(Set<String> offered, Route.Login login, boolean secure) {
        if (!secure && offered.contains("CRAM-MD5")) {
            return new CramMd5(login);
        } else if (offered.contains("PLAIN")) {
            return new Plain(login);
        } else if (offered.contains("LOGIN")) {
            return new LoginSteps(login);
        }
        return offered.contains("CRAM-MD5") ? new CramMd5(login) : null;
    }

    /** Returns the AUTH command. */
    SmtpCommand command() {
        return new SmtpCommand.Auth(mechanism, null);
    }

    /** Returns the response to a 334 reply. */
    SmtpCommand answer(String challenge) {
        byte[] octets;
        try {
            octets = Base64.getDecoder().decode(challenge.strip());
        } catch (IllegalArgumentException e) {
            return new SmtpCommand.AuthResponse("*");
        }
        byte[] response = respond(octets);
        return new SmtpCommand.AuthResponse(
                response == null ? "*" : Base64.getEncoder().encodeToString(response));
    }

    /** Returns the response to a challenge, or null to cancel. */
    abstract byte @Nullable [] respond(byte[] challenge);

    private static final class Plain extends ClientAuth {
        private final byte[] message;

        Plain(Route.Login login) {
            super("PLAIN");
            message = ("\0" + login.user() + "\0" + login.password()).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        SmtpCommand command() {
            return new SmtpCommand.Auth("PLAIN", Base64.getEncoder().encodeToString(message));
        }

        @Override
        byte[] respond(byte[] challenge) {
            return message;
        }
    }

    private static final class LoginSteps extends ClientAuth {
        private final Route.Login login;
        private int step;

        LoginSteps(Route.Login login) {
            super("LOGIN");
            this.login = login;
        }

        @Override
        byte @Nullable [] respond(byte[] challenge) {
            step++;
            return step == 1
                    ? login.user().getBytes(StandardCharsets.UTF_8)
                    : step == 2 ? login.password().getBytes(StandardCharsets.UTF_8) : null;
        }
    }

    private static final class CramMd5 extends ClientAuth {
        private final Route.Login login;

        CramMd5(Route.Login login) {
            super("CRAM-MD5");
            this.login = login;
        }

        @Override
        byte @Nullable [] respond(byte[] challenge) {
            try {
                Mac mac = Mac.getInstance("HmacMD5");
                mac.init(new SecretKeySpec(login.password().getBytes(StandardCharsets.UTF_8), "HmacMD5"));
                String digest = HexFormat.of().formatHex(mac.doFinal(challenge));
                return (login.user() + " " + digest).getBytes(StandardCharsets.UTF_8);
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                return null;
            }
        }
    }
}
