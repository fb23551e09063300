package dev.fncluster.api.settings;

import java.util.regex.Pattern;

/** Hides what must not be shown of texts that are shown. */
public final class Masking {
  /** What stands for it. */
  static final String MASK = "***";

  // To the last @ that may belong to it: who writes a password with a slash or an @ into an address
  // makes no valid one, and is still not to see it shown.
  private static final Pattern USER_INFO = Pattern.compile("//[^\\s\"?]*@");
  // An @ after a question mark may be of either a password or a parameter.
  private static final Pattern DOUBTFUL = Pattern.compile("//[^\\s\"?]*\\?[^\\s\"]*@[^\\s\"]*");
  private static final Pattern PARAMETER =
      Pattern.compile(
          "([?&;][^=&\\s\"]*(?:pass|pwd|secret|token|key|credential|auth|sig)[^=&\\s\"]*=)[^&\\s\"]+",
          Pattern.CASE_INSENSITIVE);

  private Masking() {}

  /**
   * {@code text} without what addresses in it say of users and their passwords, before the host or
   * in parameters.
   */
  public static String addresses(String text) {
    String certain = DOUBTFUL.matcher(text).replaceAll("//" + MASK);
    String withoutUsers = USER_INFO.matcher(certain).replaceAll("//" + MASK + "@");
    return PARAMETER.matcher(withoutUsers).replaceAll("$1" + MASK);
  }
}
