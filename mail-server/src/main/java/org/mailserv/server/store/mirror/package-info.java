/**
 * The files of this machine that are the same on all nodes of a cluster, such as users, aliases and keys. Commands and people go on changing
 * the files in the data folder. The mirror sends each change to the shared store, and writes the changes of other nodes into the files. Start
 * with {@link org.mailserv.server.store.mirror.FileMirror}.
 */
@NullMarked
package org.mailserv.server.store.mirror;

import org.jspecify.annotations.NullMarked;
