package dev.fncluster.api.node;

import dev.fncluster.api.settings.Settings;
import dev.fncluster.stats.Metrics;

/**
 * What a process gives its node.
 *
 * @param settings as the operator gave them
 * @param build what this program is
 * @param metrics of the whole process; the process closes them
 */
public record NodeContext(Settings settings, BuildInfo build, Metrics metrics) {}
