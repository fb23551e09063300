package dev.fncluster.api.management;

import dev.fncluster.api.error.ServiceException;

/** The errors of the management API, with the codes and texts that its clients know. */
public final class ManagementErrors {
  private ManagementErrors() {}

  static ServiceException invalidJson() {
    return new ServiceException(400, "Invalid JSON");
  }

  static ServiceException badCharacter() {
    return new ServiceException(
        400, "Invalid text, texts may hold neither U+0000 nor half of a surrogate pair");
  }

  /** The store has no room for a value of that length, or no way to keep one of its characters. */
  public static ServiceException unfit() {
    return new ServiceException(
        400, "A value is too long, or has a character that can't be stored");
  }

  static ServiceException invalidCursor() {
    return new ServiceException(400, "Invalid cursor, expected unpadded URL-safe base64");
  }

  static ServiceException invalidQuery() {
    return new ServiceException(400, "Invalid query string");
  }

  static ServiceException annotationKey() {
    return new ServiceException(
        400,
        "Invalid annotation key, annotation keys must be non-empty ascii strings excluding"
            + " whitespace");
  }

  static ServiceException annotationKeyLength() {
    return new ServiceException(
        400, "Invalid annotation key length, annotation keys may not be larger than 128 bytes");
  }

  static ServiceException annotationValue() {
    return new ServiceException(
        400,
        "Invalid annotation value, annotation values may only be non-empty strings, numbers,"
            + " objects, or arrays");
  }

  static ServiceException annotationValueLength() {
    return new ServiceException(
        400,
        "Invalid annotation value length, annotation values may not be larger than 512 bytes when"
            + " serialized as JSON");
  }

  static ServiceException tooManyAnnotations() {
    return new ServiceException(
        400,
        "Invalid annotation change, new key(s) exceed maximum permitted number of annotations keys"
            + " (100)");
  }

  static ServiceException appIdProvided() {
    return new ServiceException(400, "App ID cannot be supplied on create");
  }

  static ServiceException appIdMismatch() {
    return new ServiceException(400, "App ID in path does not match ID in body");
  }

  static ServiceException appNameMissing() {
    return new ServiceException(400, "Missing Name");
  }

  static ServiceException appNameTooLong() {
    return new ServiceException(400, "App name must be 255 characters or less");
  }

  static ServiceException appNameInvalid() {
    return new ServiceException(400, "Invalid app name");
  }

  static ServiceException appNameImmutable() {
    return new ServiceException(409, "Could not update - name is immutable");
  }

  static ServiceException appShapeInvalid() {
    return new ServiceException(400, "Invalid app shape");
  }

  static ServiceException syslogUrlInvalid(String url, String reason) {
    return new ServiceException(400, "invalid syslog url: \"" + url + "\" " + reason);
  }

  /** An app of that name is there already. */
  public static ServiceException appExists() {
    return new ServiceException(409, "App already exists");
  }

  /** No app has that id or name. */
  public static ServiceException appNotFound() {
    return new ServiceException(404, "App not found");
  }

  static ServiceException fnIdProvided() {
    return new ServiceException(400, "ID cannot be provided for Fn creation");
  }

  static ServiceException fnIdMismatch() {
    return new ServiceException(400, "Fn ID in path does not match that in body");
  }

  static ServiceException fnAppIdMissing() {
    return new ServiceException(400, "Missing AppID on Fn");
  }

  static ServiceException fnNameMissing() {
    return new ServiceException(400, "Missing Fn name");
  }

  static ServiceException fnNameTooLong() {
    return new ServiceException(400, "Fn name must be 255 characters or less");
  }

  static ServiceException fnNameInvalid() {
    return new ServiceException(400, "name must be a valid string");
  }

  static ServiceException fnImageMissing() {
    return new ServiceException(400, "Missing image on Fn");
  }

  static ServiceException fnImageTooLong() {
    return new ServiceException(
        400, "Fn image must be " + StoredTexts.MAX_CHARACTERS + " characters or less");
  }

  static ServiceException fnTimeoutOutOfRange() {
    return new ServiceException(
        400, "timeout value is out of range, must be between 0 and " + FnRules.MAX_TIMEOUT);
  }

  static ServiceException fnIdleTimeoutOutOfRange() {
    return new ServiceException(
        400,
        "idle_timeout value is out of range, must be between 0 and " + FnRules.MAX_IDLE_TIMEOUT);
  }

  static ServiceException fnMemoryOutOfRange() {
    return new ServiceException(
        400, "memory value is out of range. It should be between 0 and " + FnRules.MAX_MEMORY);
  }

  /** The app has a fn of that name already. */
  public static ServiceException fnExists() {
    return new ServiceException(409, "Fn with specified name already exists");
  }

  /** No fn has that id. */
  public static ServiceException fnNotFound() {
    return new ServiceException(404, "Fn not found");
  }

  static ServiceException triggerIdProvided() {
    return new ServiceException(400, "ID cannot be provided for Trigger creation");
  }

  static ServiceException triggerIdMismatch() {
    return new ServiceException(400, "ID in path does not match ID in body");
  }

  static ServiceException triggerCreatedAtProvided() {
    return new ServiceException(400, "Trigger Created At Provided for Create");
  }

  /** Speaks of an id because the servers that clients know do. */
  static ServiceException triggerUpdatedAtProvided() {
    return new ServiceException(400, "Trigger ID Provided for Create");
  }

  static ServiceException triggerAppIdMissing() {
    return new ServiceException(400, "Missing App ID on Trigger");
  }

  static ServiceException triggerNameMissing() {
    return new ServiceException(400, "Missing name on Trigger");
  }

  static ServiceException triggerNameTooLong() {
    return new ServiceException(400, "Trigger name must be 255 characters or less");
  }

  static ServiceException triggerNameInvalid() {
    return new ServiceException(400, "Invalid name for Trigger");
  }

  static ServiceException triggerFnIdMissing() {
    return new ServiceException(400, "Missing Fn ID on Trigger");
  }

  static ServiceException triggerTypeUnknown() {
    return new ServiceException(400, "Trigger Type Not Supported");
  }

  static ServiceException triggerSourceMissing() {
    return new ServiceException(400, "Missing Trigger Source");
  }

  static ServiceException triggerSourceTooLong() {
    return new ServiceException(
        400, "Trigger source must be " + StoredTexts.MAX_CHARACTERS + " characters or less");
  }

  static ServiceException triggerSourcePrefixMissing() {
    return new ServiceException(400, "Missing Trigger Source Prefix '/'");
  }

  /** The fn of a trigger belongs to another app. */
  public static ServiceException triggerFnOfOtherApp() {
    return new ServiceException(400, "Invalid Fn ID - not owned by specified app");
  }

  /** The fn has a trigger of that name already. */
  public static ServiceException triggerExists() {
    return new ServiceException(409, "Trigger already exists");
  }

  /** The app has a trigger of that type and source already. */
  public static ServiceException triggerSourceExists() {
    return new ServiceException(409, "Trigger with the same type and source exists on this app");
  }

  /** No trigger has that id, or that app, type and source. */
  public static ServiceException triggerNotFound() {
    return new ServiceException(404, "Trigger not found");
  }
}
