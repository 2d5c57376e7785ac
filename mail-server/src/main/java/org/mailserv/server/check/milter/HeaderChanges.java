package org.mailserv.server.check.milter;

import java.util.ArrayList;
import java.util.List;
import org.mailserv.codec.header.HeaderBlock;
import org.mailserv.codec.header.HeaderField;
import org.mailserv.server.check.milter.MilterAnswer.Change;

/** Applies the changes that filters request to a header. */
final class HeaderChanges {
    private HeaderChanges() {}

    /**
     * Applies changes.
     *
     * @param header the header, one char per octet, without the blank line
     * @return the changed header; lines that are no field stay at its end
     */
    static String apply(String header, List<Change> changes) {
        HeaderBlock block = HeaderBlock.read(header);
        List<HeaderField> fields = new ArrayList<>(block.fields());
        for (Change change : changes) {
            if (isName(change.name())) {
                apply(fields, change);
            }
        }
        StringBuilder text = new StringBuilder(header.length() + 256);
        fields.forEach(field -> text.append(field.raw()));
        return text.append(header.substring(block.length())).toString();
    }

    private static void apply(List<HeaderField> fields, Change change) {
        HeaderField field = new HeaderField(change.name(), change.name() + ":" + value(change.value()) + "\r\n");
        switch (change.kind()) {
            case ADD -> fields.add(field);
            case INSERT -> fields.add(Math.max(0, Math.min(change.index(), fields.size())), field);
            case CHANGE -> {
                int at = find(fields, change.name(), Math.max(1, change.index()));
                if (at >= 0 && change.value().isEmpty()) {
                    fields.remove(at);
                } else if (at >= 0) {
                    fields.set(at, field);
                } else if (!change.value().isEmpty()) {
                    fields.add(field);
                }
            }
        }
    }

    private static int find(List<HeaderField> fields, String name, int occurrence) {
        int seen = 0;
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).is(name) && ++seen == occurrence) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isName(String name) {
        return !name.isEmpty() && name.chars().allMatch(c -> c > ' ' && c < 127 && c != ':');
    }

    /** Returns a value with CRLF at its folds. No line of it can become a field of its own or end the header. */
    private static String value(String text) {
        StringBuilder value = new StringBuilder();
        for (String line : text.replace("\r", "").replace("\0", "").split("\n")) {
            boolean blankFirst = line.startsWith(" ") || line.startsWith("\t");
            if (value.length() == 0) {
                value.append(blankFirst ? "" : " ").append(line);
            } else if (!line.isBlank()) {
                value.append("\r\n").append(blankFirst ? "" : "\t").append(line);
            }
        }
        return value.toString();
    }
}
