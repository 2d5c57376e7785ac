package org.mailserv.app.http.view;

import io.nayuki.qrcodegen.QrCode;

/**
 * A QR code as a path of SVG.
 *
 * @param size width and height in modules, with the quiet zone
 * @param path the dark modules
 */
public record QrImage(int size, String path) {
    /** Modules of the quiet zone on each side. ISO/IEC 18004, 6.3.8. */
    private static final int QUIET = 4;

    /** Returns the code of a text. */
    static QrImage of(String text) {
        QrCode code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
        StringBuilder path = new StringBuilder();
        for (int y = 0; y < code.size; y++) {
            for (int x = 0; x < code.size; x++) {
                if (code.getModule(x, y)) {
                    path.append('M')
                            .append(x + QUIET)
                            .append(',')
                            .append(y + QUIET)
                            .append("h1v1h-1z");
                }
            }
        }
        return new QrImage(code.size + 2 * QUIET, path.toString());
    }
}
