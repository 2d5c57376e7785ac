package org.mailserv.pop3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Iterator;
import java.util.List;

/** A fixed list of lines, as for CAPA, LANG and AUTH. */
final class TextLines implements Pop3Body.Lines {
    private final Iterator<String> lines;

    TextLines(List<String> lines) {
        this.lines = lines.iterator();
    }

    @Override
    public boolean next(ByteBuf out) {
        if (!lines.hasNext()) {
            return false;
        }
        ByteBufUtil.writeUtf8(out, lines.next());
        out.writeByte('\r').writeByte('\n');
        return true;
    }
}
