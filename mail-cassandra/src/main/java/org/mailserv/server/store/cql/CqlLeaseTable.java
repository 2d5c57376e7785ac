package org.mailserv.server.store.cql;

import com.datastax.oss.driver.api.core.cql.BoundStatement;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.mailserv.server.cluster.table.Conditional;
import org.mailserv.server.cluster.table.LeaseTable;

/** A table of rights that end by themselves: {@code maildrop_lock} or {@code seat}. */
final class CqlLeaseTable implements LeaseTable {
    private final Requests requests;
    private final PreparedStatement acquire;
    private final PreparedStatement renew;
    private final PreparedStatement release;
    private final PreparedStatement holder;
    private final PreparedStatement holders;

    CqlLeaseTable(Requests requests, String table) {
        this.requests = requests;
        String row = " WHERE resource = ? AND number = ?";
        acquire = requests.prepare(
                "INSERT INTO @" + table + " (resource, number, holder) VALUES (?, ?, ?) IF NOT EXISTS USING TTL ?");
        renew = requests.prepare("UPDATE @" + table + " USING TTL ? SET holder = ?" + row + " IF holder = ?");
        release = requests.prepare("DELETE FROM @" + table + row + " IF holder = ?");
        holder = requests.prepare("SELECT holder FROM @" + table + row);
        holders = requests.prepare("SELECT number, holder FROM @" + table + " WHERE resource = ?");
    }

    @Override
    public CompletionStage<Conditional<String>> acquire(LeaseKey key, String name, Duration life) {
        return conditional(acquire.bind(key.resource(), key.number(), name, seconds(life)), key);
    }

    @Override
    public CompletionStage<Conditional<String>> renew(LeaseKey key, String name, Duration life) {
        return conditional(renew.bind(seconds(life), name, key.resource(), key.number(), name), key);
    }

    @Override
    public CompletionStage<Conditional<String>> release(LeaseKey key, String name) {
        return conditional(release.bind(key.resource(), key.number(), name), key);
    }

    @Override
    public CompletionStage<Map<Integer, String>> holders(String resource) {
        // The row of a right that was prolonged has a holder as long as it lives; one without was found between two
        // expiries.
        return requests.readSerial(holders.bind(resource), row -> row)
                .thenApply(rows -> rows.stream()
                        .filter(row -> row.getString("holder") != null)
                        .collect(Collectors.toMap(row -> row.getInt("number"), row -> row.getString("holder"))));
    }

    private CompletionStage<Conditional<String>> conditional(BoundStatement statement, LeaseKey key) {
        return requests.conditional(
                statement,
                row -> row.getString("holder"),
                () -> requests.readSerial(holder.bind(key.resource(), key.number()), row -> row.getString("holder")));
    }

    private static int seconds(Duration life) {
        return Math.max(1, Math.toIntExact(life.toSeconds()));
    }
}
