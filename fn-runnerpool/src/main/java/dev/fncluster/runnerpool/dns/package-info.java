/** Runners found by DNS. Starting point: {@link dev.fncluster.runnerpool.dns.DnsSource}. */
@NullMarked
package dev.fncluster.runnerpool.dns;

import org.jspecify.annotations.NullMarked;
