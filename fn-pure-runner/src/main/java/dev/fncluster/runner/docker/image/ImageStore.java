package dev.fncluster.runner.docker.image;

import java.util.List;

/** The images that an engine has. Blocks; thread-safe. */
interface ImageStore {
  /** All of them. */
  List<CachedImage> list() throws InterruptedException;

  /** Removes one; returns when it is gone, also if it was gone before. */
  void remove(String id) throws InterruptedException;
}
