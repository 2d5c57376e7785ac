package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.mailserv.server.cluster.table.FreshTable;
import org.mailserv.server.cluster.table.RunId;
import org.mailserv.server.spool.QueueId;

/** The tables {@code segment}, {@code fresh} and {@code upload}. */
final class CqlFreshTable implements FreshTable {
    /** Rows of a page, at half a MiB each. */
    private static final int LARGE_ROWS = 8;

    private final Requests requests;
    private final PreparedStatement insertSegment;
    private final PreparedStatement segments;
    private final PreparedStatement deleteSegment;
    private final PreparedStatement insert;
    private final PreparedStatement rows;
    private final PreparedStatement deleteRows;
    private final PreparedStatement insertUpload;
    private final PreparedStatement deleteUpload;
    private final PreparedStatement uploads;

    CqlFreshTable(Requests requests) {
        this.requests = requests;
        insertSegment = requests.prepare("INSERT INTO @segment (run, segment) VALUES (?, ?) USING TIMESTAMP 1");
        segments = requests.prepare("SELECT segment FROM @segment WHERE run = ?");
        deleteSegment = requests.prepare("DELETE FROM @segment USING TIMESTAMP 2 WHERE run = ? AND segment = ?");
        insert = requests.prepare("INSERT INTO @fresh (run, segment, seq, data) VALUES (?, ?, ?, ?) USING TIMESTAMP 1");
        rows = requests.prepare("SELECT seq, data FROM @fresh WHERE run = ? AND segment = ? AND seq > ? LIMIT ?");
        deleteRows = requests.prepare("DELETE FROM @fresh USING TIMESTAMP 2 WHERE run = ? AND segment = ?");
        insertUpload = requests.prepare("INSERT INTO @upload (run, body) VALUES (?, ?) USING TIMESTAMP 1");
        deleteUpload = requests.prepare("DELETE FROM @upload USING TIMESTAMP 2 WHERE run = ? AND body = ?");
        uploads = requests.prepare("SELECT body FROM @upload WHERE run = ?");
    }

    @Override
    public CompletionStage<Void> insertSegment(RunId run, int segment) {
        return requests.write(insertSegment.bind(run.toString(), segment));
    }

    @Override
    public CompletionStage<List<Integer>> segments(RunId run) {
        return requests.read(segments.bind(run.toString()), Requests.SMALL_ROWS, row -> row.getInt(0));
    }

    @Override
    public CompletionStage<Void> insert(RunId run, int segment, FreshRow row) {
        return requests.write(insert.bind(run.toString(), segment, row.seq(), row.data()));
    }

    @Override
    public CompletionStage<List<FreshRow>> rows(RunId run, int segment, int after, int limit) {
        return requests.read(
                rows.bind(run.toString(), segment, after, limit),
                LARGE_ROWS,
                row -> new FreshRow(row.getInt(0), Columns.octets(row, "data")));
    }

    @Override
    public CompletionStage<Void> deleteRows(RunId run, int segment) {
        return requests.write(deleteRows.bind(run.toString(), segment));
    }

    @Override
    public CompletionStage<Void> deleteSegment(RunId run, int segment) {
        return requests.write(deleteSegment.bind(run.toString(), segment));
    }

    @Override
    public CompletionStage<Void> insertUpload(RunId run, QueueId body) {
        return requests.write(insertUpload.bind(run.toString(), body.toString()));
    }

    @Override
    public CompletionStage<Void> deleteUpload(RunId run, QueueId body) {
        return requests.write(deleteUpload.bind(run.toString(), body.toString()));
    }

    @Override
    public CompletionStage<List<QueueId>> uploads(RunId run) {
        return requests.read(uploads.bind(run.toString()), Requests.SMALL_ROWS, row -> Columns.id(row, "body"));
    }
}
