package dev.fncluster.stats;

import java.util.Optional;

/**
 * What a process uses.
 *
 * @param cpuSeconds user and system time since it started
 * @param startTimeSeconds since the epoch
 * @param openFiles how many; empty when we may not see it
 * @param maxFiles how many it may open; empty when there is no limit or we may not see it
 */
record ProcessUse(
    double cpuSeconds,
    double startTimeSeconds,
    double virtualBytes,
    double residentBytes,
    Optional<Long> openFiles,
    Optional<Long> maxFiles) {}
