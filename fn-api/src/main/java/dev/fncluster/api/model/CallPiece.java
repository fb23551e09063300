package dev.fncluster.api.model;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * The parts of a call's JSON that are the same for all calls of a fn. Other fields stand between
 * them:
 *
 * <pre>
 *   {"id":…,"status":… IMAGE ,"type":…,"url":…,"method":… LIMITS ,"headers":… SYSLOG
 *   ,"completed_at":…,"created_at":…,"started_at":… APP ,"trigger_id":… FN }
 * </pre>
 */
enum CallPiece {
  IMAGE(CallJson::writeImage),
  /** From {@code timeout} to {@code annotations}. */
  LIMITS(CallJson::writeLimits),
  SYSLOG(CallJson::writeSyslog),
  /** Id and name of the app. */
  APP(CallJson::writeApp),
  FN(CallJson::writeFn);

  private final Writing writing;

  CallPiece(Writing writing) {
    this.writing = writing;
  }

  /** Writes the fields of this piece that {@code call} has. */
  void write(JsonGenerator json, Call call) throws IOException {
    writing.write(json, call);
  }

  private interface Writing {
    void write(JsonGenerator json, Call call) throws IOException;
  }
}
