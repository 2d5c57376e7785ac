package org.mailserv.server.disk;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * File names as text that represents exactly the octets of the name, independent of the locale. Java decodes a name by the character set of
 * the environment, which loses information: under {@code LANG=C} for every name that is not ASCII, and always for one that is not UTF-8.
 *
 * <p>This class decodes a name as UTF-8. An octet that is not part of valid UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF.
 */
public final class FileNames {
    private static final char ESCAPE = 0xDC00;
    private static final String HEX = "0123456789ABCDEF";

    private FileNames() {}

    /** Returns the last part of a path as text. */
    public static String of(Path path) {
        Path name = path.getFileName();
        String plain = String.valueOf(name);
        if (isAscii(plain) || name == null) {
            return plain;
        }
        return text(percentDecoded(lastPart(path.toUri().getRawPath())));
    }

    /** Returns the path of a file in a folder, by its name as text. */
    public static Path resolve(Path folder, String name) {
        if (isAscii(name)) {
            return folder.resolve(name);
        }
        StringBuilder encoded = new StringBuilder("file:///");
        for (byte octet : octets(name)) {
            encoded.append('%').append(HEX.charAt(octet >> 4 & 15)).append(HEX.charAt(octet & 15));
        }
        Path only = Path.of(URI.create(encoded.toString())).getFileName();
        return only == null ? folder : folder.resolve(only);
    }

    /** Returns the octets of a name. */
    public static byte[] octets(String name) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(name.length() + 16);
        int plain = 0;
        for (int i = 0; i < name.length(); i++) {
            if (isEscape(name, i)) {
                octets.writeBytes(name.substring(plain, i).getBytes(StandardCharsets.UTF_8));
                octets.write(name.charAt(i) - ESCAPE);
                plain = i + 1;
            }
        }
        octets.writeBytes(name.substring(plain).getBytes(StandardCharsets.UTF_8));
        return octets.toByteArray();
    }

    private static boolean isEscape(String name, int index) {
        char c = name.charAt(index);
        boolean half = index > 0 && Character.isHighSurrogate(name.charAt(index - 1));
        return !half && c >= ESCAPE + 0x80 && c <= ESCAPE + 0xFF;
    }

    private static boolean isAscii(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) > 127) {
                return false;
            }
        }
        return true;
    }

    private static String lastPart(String rawPath) {
        int end = rawPath.endsWith("/") ? rawPath.length() - 1 : rawPath.length();
        return rawPath.substring(rawPath.lastIndexOf('/', end - 1) + 1, end);
    }

    private static byte[] percentDecoded(String raw) {
        ByteArrayOutputStream octets = new ByteArrayOutputStream(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) == '%') {
                octets.write(Integer.parseInt(raw, i + 1, i + 3, 16));
                i += 2;
            } else {
                octets.write(raw.charAt(i));
            }
        }
        return octets.toByteArray();
    }

    /** Returns the text of a name's octets. */
    public static String text(byte[] octets) {
        StringBuilder text = new StringBuilder(octets.length);
        for (int i = 0; i < octets.length; ) {
            int length = sequence(octets, i);
            if (length == 0) {
                text.append((char) (ESCAPE + (octets[i] & 0xFF)));
                i++;
            } else {
                text.append(new String(octets, i, length, StandardCharsets.UTF_8));
                i += length;
            }
        }
        return text.toString();
    }

    /** Returns the length of the valid UTF-8 character at a position, or 0 if there is none. */
    private static int sequence(byte[] octets, int from) {
        int first = octets[from] & 0xFF;
        int length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (from + length > octets.length) {
            return 0;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets, from, length));
            return length;
        } catch (CharacterCodingException e) {
            return 0;
        }
    }
}
