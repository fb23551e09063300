package dev.fncluster.api.management;

import dev.fncluster.api.model.Trigger;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a trigger may look like, and how changes to one are put together. Pure. */
final class TriggerRules {
  private TriggerRules() {}

  /** The trigger that {@code input} asks for, checked. */
  static Trigger create(Trigger input, String id, Instant now) {
    if (!input.id().isEmpty()) {
      throw ManagementErrors.triggerIdProvided();
    }
    if (input.createdAt() != null) {
      throw ManagementErrors.triggerCreatedAtProvided();
    }
    if (input.updatedAt() != null) {
      throw ManagementErrors.triggerUpdatedAtProvided();
    }
    validate(input, "");
    return new Trigger(
        id,
        input.name(),
        input.appId(),
        input.fnId(),
        now,
        now,
        input.type(),
        input.source(),
        input.annotations());
  }

  /** What {@code stored} becomes by {@code patch}, checked; an equal one when nothing changes. */
  static Trigger merge(Trigger stored, Trigger patch, Instant now) {
    Trigger merged = merged(stored, patch, stored.updatedAt());
    validate(merged, stored.source());
    return merged.equals(stored)
        ? stored
        : merged(stored, patch, UpdateTime.after(stored.updatedAt(), now));
  }

  private static Trigger merged(Trigger stored, Trigger patch, @Nullable Instant updatedAt) {
    return new Trigger(
        stored.id(),
        patch.name().isEmpty() ? stored.name() : patch.name(),
        stored.appId(),
        patch.fnId().isEmpty() ? stored.fnId() : patch.fnId(),
        stored.createdAt(),
        updatedAt,
        stored.type(),
        patch.source().isEmpty() ? stored.source() : patch.source(),
        Annotations.merge(stored.annotations(), patch.annotations()));
  }

  /** A source that is stored already may be longer: stores of other servers have such. */
  private static void validate(Trigger trigger, String storedSource) {
    if (trigger.appId().isEmpty()) {
      throw ManagementErrors.triggerAppIdMissing();
    }
    if (trigger.name().isEmpty()) {
      throw ManagementErrors.triggerNameMissing();
    }
    if (Names.isTooLong(trigger.name())) {
      throw ManagementErrors.triggerNameTooLong();
    }
    if (!Names.isWord(trigger.name())) {
      throw ManagementErrors.triggerNameInvalid();
    }
    if (trigger.fnId().isEmpty()) {
      throw ManagementErrors.triggerFnIdMissing();
    }
    if (!trigger.type().equals(Trigger.TYPE_HTTP)) {
      throw ManagementErrors.triggerTypeUnknown();
    }
    if (trigger.source().isEmpty()) {
      throw ManagementErrors.triggerSourceMissing();
    }
    if (!trigger.source().startsWith("/")) {
      throw ManagementErrors.triggerSourcePrefixMissing();
    }
    if (StoredTexts.isTooLong(trigger.source()) && !trigger.source().equals(storedSource)) {
      throw ManagementErrors.triggerSourceTooLong();
    }
    Annotations.validate(trigger.annotations());
  }
}
