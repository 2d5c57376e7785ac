package org.mailserv.server.event;

import java.time.Duration;
import org.mailserv.codec.address.Address;
import org.mailserv.server.spool.QueueId;

/**
 * An attempt to deliver a message for one recipient to another server.
 *
 * @param mta the server, {@code mx.example.org [192.0.2.1]}
 * @param reply the server's reply, or the reason why there is none
 * @param attempt the time that the transaction took
 * @param age the time since the message arrived
 */
public record RemoteDelivery(QueueId id, Address recipient, String mta, String reply, Duration attempt, Duration age) {}
