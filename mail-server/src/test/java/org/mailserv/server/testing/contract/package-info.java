/**
 * What every implementation of the seam has to do, as abstract tests: over files, over tables in memory and over an engine. No implementation
 * may enter; one extends a contract in its own tests and says how it is opened. Start with
 * {@link org.mailserv.server.testing.contract.SpoolContract}.
 */
package org.mailserv.server.testing.contract;
