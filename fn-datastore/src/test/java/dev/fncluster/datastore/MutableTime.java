package dev.fncluster.datastore;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that a test moves by hand. Thread-safe. */
final class MutableTime implements InstantSource {
  private Instant now = Instant.parse("2026-01-02T03:04:05.678901Z");

  @Override
  public synchronized Instant instant() {
    return now;
  }

  synchronized void advance(Duration by) {
    now = now.plus(by);
  }
}
