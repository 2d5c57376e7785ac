package org.mailserv.codec.address;

/**
 * The syntax in which a path was written, which its {@link Address} does not preserve.
 *
 * @param utf8 whether the path contains non-ASCII characters, which require SMTPUTF8 (RFC 6531, 3.2)
 * @param standard whether the local part conforms to RFC 5321, 4.1.2 in syntax and 4.5.3.1.1 in length
 */
public record PathForm(boolean utf8, boolean standard) {
    /** A conforming ASCII path. */
    public static final PathForm STANDARD = new PathForm(false, true);
}
