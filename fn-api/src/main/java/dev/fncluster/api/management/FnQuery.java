package dev.fncluster.api.management;

/**
 * Which fns to list.
 *
 * @param appId their app
 * @param name the exact name, or empty for any
 * @param after where the previous page ended
 * @param limit how many at most, at least 1
 */
public record FnQuery(String appId, String name, Cursor after, int limit) {}
