package dev.fncluster.runner.driver;

import org.apiguardian.api.API;

/**
 * An image that was there has been removed before a container could be made of it: nothing was
 * executed, and preparing the image again may help.
 */
@API(status = API.Status.STABLE, since = "0.1")
public final class ImageGoneException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With what the driver was told. */
  public ImageGoneException(Throwable cause) {
    super("the image of a container has gone", cause);
  }
}
