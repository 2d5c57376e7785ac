package org.mailserv.server.store.cql;

import org.mailserv.server.cluster.table.BodyTable;
import org.mailserv.server.cluster.table.FileTable;
import org.mailserv.server.cluster.table.FreshTable;
import org.mailserv.server.cluster.table.HintTable;
import org.mailserv.server.cluster.table.LeaseTable;
import org.mailserv.server.cluster.table.MailboxTable;
import org.mailserv.server.cluster.table.QueueTable;
import org.mailserv.server.cluster.table.RunTable;
import org.mailserv.server.cluster.table.ShardTable;
import org.mailserv.server.cluster.table.SharedTables;

/** The tables of a cluster on Apache Cassandra, one class for each group of them. Stages complete on threads of the driver. */
final class CqlTables implements SharedTables {
    private final RunTable runs;
    private final ShardTable shards;
    private final LeaseTable maildropLocks;
    private final LeaseTable seats;
    private final FileTable files;
    private final FreshTable fresh;
    private final BodyTable bodies;
    private final MailboxTable mailboxes;
    private final QueueTable queue;
    private final HintTable hints;

    /** Prepares all statements. Blocks. */
    CqlTables(Requests requests) {
        runs = new CqlRunTable(requests);
        shards = new CqlShardTable(requests);
        maildropLocks = new CqlLeaseTable(requests, "maildrop_lock");
        seats = new CqlLeaseTable(requests, "seat");
        files = new CqlFileTable(requests);
        fresh = new CqlFreshTable(requests);
        bodies = new CqlBodyTable(requests);
        mailboxes = new CqlMailboxTable(requests);
        queue = new CqlQueueTable(requests);
        hints = new CqlHintTable(requests);
    }

    @Override
    public RunTable runs() {
        return runs;
    }

    @Override
    public ShardTable shards() {
        return shards;
    }

    @Override
    public LeaseTable maildropLocks() {
        return maildropLocks;
    }

    @Override
    public LeaseTable seats() {
        return seats;
    }

    @Override
    public FileTable files() {
        return files;
    }

    @Override
    public FreshTable fresh() {
        return fresh;
    }

    @Override
    public BodyTable bodies() {
        return bodies;
    }

    @Override
    public MailboxTable mailboxes() {
        return mailboxes;
    }

    @Override
    public QueueTable queue() {
        return queue;
    }

    @Override
    public HintTable hints() {
        return hints;
    }
}
