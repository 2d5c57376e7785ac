package org.mailserv.app.transfer.imap;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.FetchProfile;
import jakarta.mail.Flags;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.UIDFolder;
import jakarta.mail.URLName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.eclipse.angus.mail.imap.IMAPFolder;
import org.eclipse.angus.mail.imap.IMAPMessage;
import org.eclipse.angus.mail.imap.IMAPSSLStore;
import org.eclipse.angus.mail.imap.IMAPStore;
import org.eclipse.angus.mail.imap.protocol.BASE64MailboxEncoder;
import org.mailserv.app.transfer.MailSource;
import org.mailserv.app.transfer.UidLists;
import org.mailserv.server.text.Failures;

/**
 * All folders of an account on an IMAP server, with dates and flags. Messages are known by UIDVALIDITY and UID, so that a later run reads only
 * new ones; each is compared with the size that the server states.
 */
public final class ImapSource implements MailSource {
    /** Messages whose metadata is asked for at once. */
    private static final int BATCH = 500;

    private static final int PIECE = 64 << 10;

    private final ImapServer server;
    private final String uidFormat;
    private final Consumer<String> report;
    private int messages;

    /**
     * @param uidFormat {@code pop3_uidl_format} of a Dovecot, for the unique ids of the inbox in POP3
     * @param report receives a line for each folder
     */
    public ImapSource(ImapServer server, String uidFormat, Consumer<String> report) {
        this.server = server;
        this.uidFormat = uidFormat;
        this.report = report;
    }

    /** Returns the number of messages that the server has, in the folders read so far. */
    public int messages() {
        return messages;
    }

    @Override
    public void read(Sink sink) throws IOException {
        Session session = Session.getInstance(server.properties());
        URLName url = new URLName(server.protocol(), server.host(), server.port(), null, null, null);
        try (IMAPStore store = server.security() == ImapServer.Security.TLS
                ? new IMAPSSLStore(session, url)
                : new IMAPStore(session, url)) {
            store.connect(server.host(), server.port(), server.user(), server.password());
            Folder[] folders = store.getDefaultFolder().list("*");
            Arrays.sort(folders, Comparator.comparing(Folder::getFullName));
            for (Folder folder : folders) {
                read((IMAPFolder) folder, sink);
            }
        } catch (AuthenticationFailedException e) {
            throw new ImapException(server + ": the login was refused (" + Failures.text(e) + ")", e);
        } catch (MessagingException e) {
            throw new ImapException(server + ": " + reason(e), e);
        }
    }

    /** The library wraps what happened to the connection. */
    private static String reason(MessagingException failure) {
        Exception inner = failure.getNextException();
        return Failures.text(inner instanceof IOException ? inner : failure);
    }

    private void read(IMAPFolder folder, Sink sink) throws MessagingException, IOException {
        String name = folder.getFullName();
        if ((folder.getType() & Folder.HOLDS_MESSAGES) == 0) {
            return;
        } else if (Arrays.stream(folder.getAttributes()).anyMatch("\\All"::equalsIgnoreCase)) {
            // Gmail's folder of everything, which has each message of the others once more.
            report.accept(name + ": left out, it repeats the messages of the other folders");
            return;
        }
        folder.open(Folder.READ_ONLY);
        try {
            Message[] all = folder.getMessages();
            messages += all.length;
            int taken = 0;
            for (int from = 0; from < all.length; from += BATCH) {
                Message[] batch = Arrays.copyOfRange(all, from, Math.min(all.length, from + BATCH));
                folder.fetch(batch, profile());
                for (Message message : batch) {
                    taken += read(folder, (IMAPMessage) message, sink) ? 1 : 0;
                }
            }
            report.accept(name + ": " + all.length + (all.length == 1 ? " message, " : " messages, ") + taken + " new");
        } finally {
            folder.close(false);
        }
    }

    private static FetchProfile profile() {
        FetchProfile profile = new FetchProfile();
        profile.add(UIDFolder.FetchProfileItem.UID);
        profile.add(FetchProfile.Item.FLAGS);
        profile.add(IMAPFolder.FetchProfileItem.INTERNALDATE);
        profile.add(FetchProfile.Item.SIZE);
        return profile;
    }

    /** Returns whether the message was new and is complete. */
    private boolean read(IMAPFolder folder, IMAPMessage message, Sink sink) throws MessagingException, IOException {
        long uid = folder.getUID(message);
        Facts facts = facts(folder, message, uid);
        if (sink.isKnown(facts)) {
            return false;
        }
        int size = message.getSize();
        Incoming incoming = sink.begin();
        long count;
        try (InputStream in = message.getMimeStream()) {
            count = copy(in, incoming.content());
        } catch (MessagingException | IOException e) {
            incoming.abort();
            throw new ImapException(server + ": " + Failures.text(e) + ", while a message was read", e);
        }
        if (count == 0 || size >= 0 && count < size) {
            incoming.abort();
            sink.refused(
                    folder.getFullName() + ", UID " + uid,
                    "the server sent " + count + " of " + size + " octets (run the import again)");
            return false;
        }
        incoming.end(facts);
        return true;
    }

    private static long copy(InputStream in, OutputStream out) throws IOException {
        byte[] piece = new byte[PIECE];
        long count = 0;
        for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
            out.write(piece, 0, read);
            count += read;
        }
        return count;
    }

    private Facts facts(IMAPFolder folder, IMAPMessage message, long uid) throws MessagingException {
        String target = target(folder.getFullName(), folder.getSeparator());
        long validity = folder.getUIDValidity();
        String name = "imap/" + server.host() + "/" + server.user() + "/" + validity + "/" + uid;
        Date received = message.getReceivedDate();
        String unique = target.isEmpty() ? UidLists.formatted(uidFormat, uid, validity, "", "") : null;
        return new Facts(
                target,
                name,
                unique,
                received == null ? Instant.now() : received.toInstant(),
                letters(message.getFlags()),
                message.isSet(Flags.Flag.RECENT),
                true);
    }

    /** Returns the Maildir++ folder for an IMAP folder. Names outside ASCII are written in modified UTF-7 there too. */
    static String target(String name, char separator) {
        String rest = name;
        if (name.equalsIgnoreCase("INBOX")) {
            return "";
        } else if (separator != 0 && name.toUpperCase(Locale.ROOT).startsWith("INBOX" + separator)) {
            // Courier and Cyrus keep all folders below the inbox.
            rest = name.substring("INBOX".length() + 1);
        }
        StringBuilder target = new StringBuilder();
        List<String> parts =
                separator == 0 ? List.of(rest) : List.of(rest.split(Pattern.quote(String.valueOf(separator))));
        for (String part : parts) {
            target.append('.')
                    .append(BASE64MailboxEncoder.encode(part.replace('.', '_').replace('/', '_')));
        }
        return target.toString();
    }

    private static String letters(Flags flags) {
        StringBuilder letters = new StringBuilder();
        add(letters, 'D', flags.contains(Flags.Flag.DRAFT));
        add(letters, 'F', flags.contains(Flags.Flag.FLAGGED));
        add(letters, 'P', flags.contains("$Forwarded"));
        add(letters, 'R', flags.contains(Flags.Flag.ANSWERED));
        add(letters, 'S', flags.contains(Flags.Flag.SEEN));
        add(letters, 'T', flags.contains(Flags.Flag.DELETED));
        return letters.toString();
    }

    private static void add(StringBuilder letters, char letter, boolean set) {
        if (set) {
            letters.append(letter);
        }
    }
}
