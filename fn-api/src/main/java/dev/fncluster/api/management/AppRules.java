package dev.fncluster.api.management;

import dev.fncluster.api.model.App;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an app may look like, and how changes to one are put together. Pure. */
final class AppRules {
  private static final Set<String> SHAPES =
      Set.of("", "GENERIC_X86", "GENERIC_ARM", "GENERIC_X86_ARM");

  private AppRules() {}

  /** The app that {@code input} asks for, checked. */
  static App create(App input, String id, Instant now) {
    if (!input.id().isEmpty()) {
      throw ManagementErrors.appIdProvided();
    }
    validate(input);
    return new App(
        id,
        input.name(),
        input.config(),
        input.annotations(),
        input.syslogUrl(),
        input.shape(),
        now,
        now);
  }

  /** What {@code stored} becomes by {@code patch}, checked; an equal app when nothing changes. */
  static App merge(App stored, App patch, Instant now) {
    if (!patch.name().isEmpty() && !patch.name().equals(stored.name())) {
      throw ManagementErrors.appNameImmutable();
    }
    String patchUrl = patch.syslogUrl();
    App merged =
        new App(
            stored.id(),
            stored.name(),
            Configs.merge(stored.config(), patch.config()),
            Annotations.merge(stored.annotations(), patch.annotations()),
            mergeUrl(stored.syslogUrl(), patchUrl),
            stored.shape(),
            stored.createdAt(),
            stored.updatedAt());
    validate(merged);
    // A syslog address counts as a change even when it is the same: clients know it so.
    boolean urlSent = patchUrl != null && !patchUrl.isEmpty();
    if (merged.equals(stored) && !urlSent) {
      return stored;
    }
    return new App(
        merged.id(),
        merged.name(),
        merged.config(),
        merged.annotations(),
        merged.syslogUrl(),
        merged.shape(),
        merged.createdAt(),
        UpdateTime.after(stored.updatedAt(), now));
  }

  private static @Nullable String mergeUrl(@Nullable String stored, @Nullable String patch) {
    if (patch == null) {
      return stored;
    }
    return patch.isEmpty() ? null : patch;
  }

  private static void validate(App app) {
    if (app.name().isEmpty()) {
      throw ManagementErrors.appNameMissing();
    }
    if (Names.isTooLong(app.name())) {
      throw ManagementErrors.appNameTooLong();
    }
    if (!Names.isWord(app.name())) {
      throw ManagementErrors.appNameInvalid();
    }
    Annotations.validate(app.annotations());
    SyslogUrls.validate(app.syslogUrl());
    if (!SHAPES.contains(app.shape())) {
      throw ManagementErrors.appShapeInvalid();
    }
  }
}
