/**
 * Every file operation that mail depends on, behind the {@link org.mailserv.server.disk.Disk} interface, and the threads that run them. Nothing
 * here knows a message, a mailbox or the layout of a folder. Start with {@code Disk}, then {@code RealDisk}; {@code DiskLanes} are the threads.
 */
@NullMarked
package org.mailserv.server.disk;

import org.jspecify.annotations.NullMarked;
