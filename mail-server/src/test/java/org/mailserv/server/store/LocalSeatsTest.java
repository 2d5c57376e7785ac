package org.mailserv.server.store;

import org.mailserv.server.testing.contract.SeatsContract;

class LocalSeatsTest extends SeatsContract {
    @Override
    protected Seats open() {
        return new LocalSeats(2);
    }
}
