package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.cql.Row;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.mailserv.server.spool.QueueId;

/** Reads columns that are never null. */
final class Columns {
    private Columns() {}

    static ByteBuffer octets(Row row, String name) {
        return Objects.requireNonNull(row.getByteBuffer(name), name);
    }

    static String text(Row row, String name) {
        return Objects.requireNonNull(row.getString(name), name);
    }

    static QueueId id(Row row, String name) {
        return QueueId.parse(text(row, name));
    }
}
