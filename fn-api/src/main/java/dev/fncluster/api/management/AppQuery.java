package dev.fncluster.api.management;

/**
 * Which apps to list.
 *
 * @param name the exact name, or empty for any
 * @param after where the previous page ended
 * @param limit how many at most, at least 1
 */
public record AppQuery(String name, Cursor after, int limit) {}
