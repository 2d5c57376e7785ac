package org.mailserv.server.store;

import org.mailserv.server.testing.contract.SharedCountsContract;

class LocalCountsTest extends SharedCountsContract {
    @Override
    protected SharedCounts node(String name) {
        return SharedCounts.NONE;
    }

    @Override
    protected boolean isShared() {
        return false;
    }
}
