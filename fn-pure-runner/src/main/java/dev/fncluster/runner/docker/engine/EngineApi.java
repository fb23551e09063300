package dev.fncluster.runner.docker.engine;

import java.util.Locale;

/** The calls of an engine that are measured; their names are those of Fn's metrics. */
public enum EngineApi {
  /** Lists containers. */
  LIST_CONTAINERS,
  /** Loads a tarball of images. */
  LOAD_IMAGES,
  /** Lists images. */
  LIST_IMAGES,
  /** Asks for the version. */
  INFO,
  /** Waits for the end of a container; only its ends are counted. */
  WAIT_CONTAINER,
  /** Opens the stream of a container's output. */
  ATTACH_CONTAINER,
  /** Starts a container. */
  START_CONTAINER,
  /** Makes a container. */
  CREATE_CONTAINER,
  /** Pulls an image. */
  PULL_IMAGE,
  /** Removes an image. */
  REMOVE_IMAGE,
  /** Removes a container, killing it first. */
  REMOVE_CONTAINER,
  /** Freezes a container. */
  PAUSE_CONTAINER,
  /** Thaws a container. */
  UNPAUSE_CONTAINER,
  /** Looks at an image. */
  INSPECT_IMAGE,
  /** Looks at a container. */
  INSPECT_CONTAINER,
  /** Reads what a container uses. */
  STATS,
  /** Opens the stream of events. */
  ADD_EVENT_LISTENER;

  private final String label = "docker_" + name().toLowerCase(Locale.ROOT);

  /** The value of the label {@code api_name}. */
  public String label() {
    return label;
  }
}
