package org.mailserv.server.check.dkim;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mailserv.codec.header.HeaderField;

/** A parsed DKIM-Signature field. RFC 6376, 3.5. */
final class DkimSignature {
    final HeaderField field;
    final Map<String, String> tags;

    private DkimSignature(HeaderField field, Map<String, String> tags) {
        this.field = field;
        this.tags = tags;
    }

    static DkimSignature read(HeaderField field) {
        return new DkimSignature(field, tags(field.rawValue()));
    }

    /** Parses a tag list. Returns an empty map if it is malformed. RFC 6376, 3.2. */
    static Map<String, String> tags(String text) {
        Map<String, String> tags = new LinkedHashMap<>();
        String[] parts = text.split(";");
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            int equals = part.indexOf('=');
            if (equals < 0) {
                if (part.isBlank() && i == parts.length - 1) {
                    continue;
                }
                return Map.of();
            }
            String name = part.substring(0, equals).strip();
            String value = part.substring(equals + 1).strip();
            if (name.isEmpty() || tags.putIfAbsent(name, value) != null) {
                return Map.of();
            }
        }
        return tags;
    }

    String tag(String name, String otherwise) {
        return tags.getOrDefault(name, otherwise);
    }

    String domain() {
        return tag("d", "").toLowerCase(Locale.ROOT);
    }

    String selector() {
        return tag("s", "").toLowerCase(Locale.ROOT);
    }

    boolean isRsa() {
        return tag("a", "").equals("rsa-sha256");
    }

    List<String> signedNames() {
        List<String> names = new ArrayList<>();
        for (String name : tag("h", "").split(":")) {
            names.add(name.replaceAll("\\s", ""));
        }
        return names;
    }

    Canonical headerForm() {
        return tag("c", "simple").startsWith("relaxed") ? Canonical.RELAXED : Canonical.SIMPLE;
    }

    Canonical bodyForm() {
        return tag("c", "simple/simple").endsWith("/relaxed") ? Canonical.RELAXED : Canonical.SIMPLE;
    }

    /** Returns the limit of the signed body in octets, or -1. */
    long bodyLimit() {
        String limit = tags.get("l");
        return limit == null ? -1 : limit.matches("[0-9]{1,18}") ? Long.parseLong(limit) : 0;
    }

    byte @Nullable [] octets(String name) {
        try {
            return Base64.getDecoder().decode(tag(name, "").replaceAll("\\s", ""));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Returns the field as it was signed, with an empty value of {@code b}. RFC 6376, 3.7. */
    HeaderField withoutValue() {
        String raw = field.raw();
        int colon = raw.indexOf(':');
        String[] parts = raw.substring(colon + 1).split(";", -1);
        for (int i = 0; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals >= 0 && parts[i].substring(0, equals).strip().equals("b")) {
                boolean last = i == parts.length - 1;
                parts[i] = parts[i].substring(0, equals + 1) + (last ? "\r\n" : "");
            }
        }
        return new HeaderField(field.name(), raw.substring(0, colon + 1) + String.join(";", parts));
    }

    /** Returns the reason why the signature is invalid before any key is looked up, or null. RFC 6376, 6.1.1. */
    @Nullable
    String problem(long now) {
        String algorithm = tag("a", "");
        if (!tag("v", "").equals("1")) {
            return "no version 1";
        } else if (!algorithm.equals("rsa-sha256") && !algorithm.equals("ed25519-sha256")) {
            return "algorithm " + printable(algorithm);
        } else if (domain().isEmpty()
                || selector().isEmpty()
                || tag("b", "").isEmpty()
                || tag("bh", "").isEmpty()) {
            return "a tag is missing";
        } else if (signedNames().stream().noneMatch("from"::equalsIgnoreCase)) {
            return "From is not signed";
        } else if (!tag("c", "simple").matches("(simple|relaxed)(/(simple|relaxed))?")) {
            return "canonicalization " + printable(tag("c", ""));
        }
        String identity = tag("i", "@" + domain()).toLowerCase(Locale.ROOT);
        String identityDomain = identity.substring(identity.lastIndexOf('@') + 1);
        if (!identityDomain.equals(domain()) && !identityDomain.endsWith("." + domain())) {
            return "i= is not of d=";
        }
        String expiry = tags.get("x");
        if (expiry != null && (!expiry.matches("[0-9]{1,12}") || Long.parseLong(expiry) < now)) {
            return "expired";
        }
        return null;
    }

    private static String printable(String text) {
        return text.replaceAll("[^A-Za-z0-9/._-]", "?");
    }
}
