package org.mailserv.codec.address;

/**
 * The form in which a path was written, which its {@link Address} does not tell any more.
 *
 * @param utf8 whether it has characters beyond ASCII, which only SMTPUTF8 allows (RFC 6531, 3.2)
 * @param standard whether its local part keeps to the grammar and the length of RFC 5321, 4.1.2 and 4.5.3.1.1
 */
public record PathForm(boolean utf8, boolean standard) {
    /** ASCII, and by the grammar. */
    public static final PathForm STANDARD = new PathForm(false, true);
}
