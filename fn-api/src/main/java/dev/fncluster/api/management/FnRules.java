package dev.fncluster.api.management;

import dev.fncluster.api.model.Fn;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a fn may look like, its defaults, and how changes to one are put together. Pure. */
final class FnRules {
  /** Seconds. */
  static final int MAX_TIMEOUT = 300;

  /** Seconds. */
  static final int MAX_IDLE_TIMEOUT = 3600;

  /** MiB. */
  static final int MAX_MEMORY = 8192;

  private FnRules() {}

  /** The fn that {@code input} asks for, with defaults, checked. Its shape comes from the app. */
  static Fn create(Fn input, String id, Instant now) {
    if (!input.id().isEmpty()) {
      throw ManagementErrors.fnIdProvided();
    }
    Fn fn =
        new Fn(
            id,
            input.name(),
            input.appId(),
            input.image(),
            input.memory() == 0 ? Fn.DEFAULT_MEMORY : input.memory(),
            input.timeout() == 0 ? Fn.DEFAULT_TIMEOUT : input.timeout(),
            input.idleTimeout() == 0 ? Fn.DEFAULT_IDLE_TIMEOUT : input.idleTimeout(),
            input.config(),
            input.annotations(),
            "",
            now,
            now);
    validate(fn, "");
    return fn;
  }

  /** What {@code stored} becomes by {@code patch}, checked; an equal fn when nothing changes. */
  static Fn merge(Fn stored, Fn patch, Instant now) {
    Fn merged = merged(stored, patch, stored.updatedAt());
    validate(merged, stored.image());
    return merged.equals(stored)
        ? stored
        : merged(stored, patch, UpdateTime.after(stored.updatedAt(), now));
  }

  private static Fn merged(Fn stored, Fn patch, @Nullable Instant updatedAt) {
    return new Fn(
        stored.id(),
        stored.name(),
        stored.appId(),
        patch.image().isEmpty() ? stored.image() : patch.image(),
        patch.memory() == 0 ? stored.memory() : patch.memory(),
        patch.timeout() == 0 ? stored.timeout() : patch.timeout(),
        patch.idleTimeout() == 0 ? stored.idleTimeout() : patch.idleTimeout(),
        Configs.merge(stored.config(), patch.config()),
        Annotations.merge(stored.annotations(), patch.annotations()),
        stored.shape(),
        stored.createdAt(),
        updatedAt);
  }

  /** An image that is stored already may be longer: stores of other servers have such. */
  private static void validate(Fn fn, String storedImage) {
    if (fn.appId().isEmpty()) {
      throw ManagementErrors.fnAppIdMissing();
    }
    if (fn.name().isEmpty()) {
      throw ManagementErrors.fnNameMissing();
    }
    if (Names.isTooLong(fn.name())) {
      throw ManagementErrors.fnNameTooLong();
    }
    if (!Names.isPathSegment(fn.name())) {
      throw ManagementErrors.fnNameInvalid();
    }
    if (fn.image().isEmpty()) {
      throw ManagementErrors.fnImageMissing();
    }
    if (StoredTexts.isTooLong(fn.image()) && !fn.image().equals(storedImage)) {
      throw ManagementErrors.fnImageTooLong();
    }
    if (fn.timeout() < 1 || fn.timeout() > MAX_TIMEOUT) {
      throw ManagementErrors.fnTimeoutOutOfRange();
    }
    if (fn.idleTimeout() < 1 || fn.idleTimeout() > MAX_IDLE_TIMEOUT) {
      throw ManagementErrors.fnIdleTimeoutOutOfRange();
    }
    // Memory is an unsigned number on the wire: what is negative here was huge there.
    if (fn.memory() < 1 || fn.memory() > MAX_MEMORY) {
      throw ManagementErrors.fnMemoryOutOfRange();
    }
    Annotations.validate(fn.annotations());
  }
}
