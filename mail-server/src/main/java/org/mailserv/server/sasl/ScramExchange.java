package org.mailserv.server.sasl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.mailserv.server.account.AccountStore;
import org.mailserv.server.account.MailboxName;
import org.mailserv.server.account.ScramCredentials;

/**
 * The SCRAM-SHA-256 and SCRAM-SHA-256-PLUS mechanisms. The password is never transmitted, and the server proves that
 * it knows the key. RFC 5802, 7677.
 */
final class ScramExchange implements SaslExchange {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int MAX_NONCE = 256;

    private enum State {
        FIRST,
        FINAL,
        CONFIRM
    }

    private final AccountStore accounts;
    private final @Nullable ChannelBinding binding;
    private final boolean plus;
    private State state = State.FIRST;
    private String gs2Header = "";
    private String login = "";
    private String nonce = "";
    private String authMessage = "";
    private boolean bound;
    private @Nullable ScramCredentials credentials;

    ScramExchange(AccountStore accounts, @Nullable ChannelBinding binding, boolean plus) {
        this.accounts = accounts;
        this.binding = binding;
        this.plus = plus;
    }

    @Override
    public boolean serverFirst() {
        return false;
    }

    @Override
    public CompletionStage<Step> step(@Nullable String response) {
        String text = response == null ? null : SaslText.decodeText(response);
        if (text == null) {
            return done(Step.syntaxError("Cannot read the response"));
        }
        return switch (state) {
            case FIRST -> first(text);
            case FINAL -> last(text);
            // The client has verified the server's signature and sends an empty response.
            case CONFIRM -> accounts.find(login).thenApply(account -> Step.end(login, account));
        };
    }

    private static CompletionStage<Step> done(Step step) {
        return CompletableFuture.completedFuture(step);
    }

    private CompletionStage<Step> first(String text) {
        String[] parts = text.split(",", 3);
        if (parts.length < 3 || !bindingFits(parts[0]) || !parts[1].isEmpty() && !parts[1].startsWith("a=")) {
            return done(Step.syntaxError("Channel binding or first message cannot be used"));
        }
        gs2Header = parts[0] + "," + parts[1] + ",";
        String bare = parts[2];
        String[] attributes = bare.split(",");
        if (attributes.length < 2 || !attributes[0].startsWith("n=") || !attributes[1].startsWith("r=")) {
            return done(Step.syntaxError("First message cannot be read"));
        }
        String clientNonce = attributes[1].substring(2);
        String name = unescape(attributes[0].substring(2));
        if (name == null || name.isEmpty() || clientNonce.isEmpty() || clientNonce.length() > MAX_NONCE) {
            return done(Step.syntaxError("First message cannot be read"));
        }
        login = SaslText.qualified(accounts, name);
        byte[] random = new byte[18];
        RANDOM.nextBytes(random);
        nonce = clientNonce + Base64.getEncoder().encodeToString(random);
        String authzid = parts[1].isEmpty() ? name : unescape(parts[1].substring(2));
        boolean itself = authzid != null && MailboxName.same(SaslText.qualified(accounts, authzid), login);
        return accounts.scram(login).thenApply(known -> {
            credentials = itself ? known : known.unusable();
            String serverFirst = "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(known.salt()) + ",i="
                    + known.iterations();
            authMessage = bare + "," + serverFirst;
            state = State.FINAL;
            return Step.challenge(SaslText.encode(serverFirst));
        });
    }

    /**
     * Returns whether the channel binding flag is acceptable. RFC 5802, 6: "y" means that the client supports binding
     * but believes that the server does not.
     */
    private boolean bindingFits(String flag) {
        if (flag.startsWith("p=")) {
            bound = binding != null && flag.substring(2).equals(binding.type());
            return plus && bound;
        }
        return !plus && (flag.equals("n") || flag.equals("y") && binding == null);
    }

    private static @Nullable String unescape(String name) {
        String text = name.replace("=2C", ",").replace("=3D", "\0");
        return text.indexOf('=') >= 0 ? null : text.replace('\0', '=');
    }

    private CompletionStage<Step> last(String text) {
        int at = text.lastIndexOf(",p=");
        String without = at < 0 ? "" : text.substring(0, at);
        String[] attributes = without.split(",");
        byte[] proof = at < 0 ? null : SaslText.decode(text.substring(at + 3));
        if (attributes.length < 2 || !attributes[0].startsWith("c=") || proof == null) {
            return done(Step.syntaxError("Final message cannot be read"));
        }
        ScramCredentials known = credentials;
        byte[] channel = SaslText.decode(attributes[0].substring(2));
        byte[] server = known == null
                        || channel == null
                        || !MessageDigest.isEqual(channel, expectedChannel())
                        || !attributes[1].equals("r=" + nonce)
                ? null
                : known.verify(authMessage + "," + without, proof);
        if (server == null) {
            return done(Step.end(login, null));
        }
        state = State.CONFIRM;
        return done(Step.challenge(SaslText.encode("v=" + Base64.getEncoder().encodeToString(server))));
    }

    private byte[] expectedChannel() {
        byte[] header = gs2Header.getBytes(StandardCharsets.UTF_8);
        if (!bound || binding == null) {
            return header;
        }
        byte[] both = Arrays.copyOf(header, header.length + binding.data().length);
        System.arraycopy(binding.data(), 0, both, header.length, binding.data().length);
        return both;
    }
}
