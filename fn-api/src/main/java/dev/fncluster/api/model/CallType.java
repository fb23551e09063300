package dev.fncluster.api.model;

import org.apiguardian.api.API;

/** Whether the caller waits for the function. */
@API(status = API.Status.STABLE, since = "0.1")
public enum CallType {
  /** The caller gets the function's answer. */
  SYNC("sync"),
  /** The caller is told that the function started, and gets no answer. */
  DETACHED("detached");

  private final String text;

  CallType(String text) {
    this.text = text;
  }

  /** How the type is written on the wire. */
  public String text() {
    return text;
  }

  /** {@code detached} to the letter is detached; everything else, also nothing, is sync. */
  public static CallType of(String text) {
    return text.equals("detached") ? DETACHED : SYNC;
  }
}
