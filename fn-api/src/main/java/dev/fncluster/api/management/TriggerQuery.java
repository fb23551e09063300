package dev.fncluster.api.management;

/**
 * Which triggers to list. All conditions must hold.
 *
 * @param appId their app
 * @param fnId their fn, or empty for any
 * @param name the exact name, or empty for any
 * @param after where the previous page ended
 * @param limit how many at most, at least 1
 */
public record TriggerQuery(String appId, String fnId, String name, Cursor after, int limit) {}
