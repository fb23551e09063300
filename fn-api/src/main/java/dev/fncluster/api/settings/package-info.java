/**
 * Typed settings from the environment, files and flags.
 *
 * <p>Starting points: {@link dev.fncluster.api.settings.Setting} to declare one, {@link
 * dev.fncluster.api.settings.SettingSources} to load them, {@link
 * dev.fncluster.api.settings.KnownSettings} to check and show them.
 */
@NullMarked
package dev.fncluster.api.settings;

import org.jspecify.annotations.NullMarked;
