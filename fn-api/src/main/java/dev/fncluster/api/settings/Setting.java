package dev.fncluster.api.settings;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * One setting: its name, what it may hold, its default and a sentence for the operator. Declared
 * once as a constant beside the record it ends up in.
 *
 * @param <T> the type of its value
 */
public final class Setting<T> {
  private static final Pattern PLUGIN_NAME = Pattern.compile("[A-Za-z0-9._-]+");

  /** The longest duration in settings; what is longer or negative means "no limit". */
  public static final Duration UNLIMITED = Duration.ofMillis(Long.MAX_VALUE / 1_000_000 - 1);

  private static final Pattern DURATION_PART =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{0,9})?|\\.\\d{1,9})(h|ms|m|s|us|\u00b5s|\u03bcs|ns)");

  private final String name;
  private final String allowed;
  private final String help;
  private final String defaultText;
  private final Function<String, T> parser;
  private final T defaultValue;
  private final boolean secret;

  private Setting(
      String name,
      String allowed,
      String help,
      T defaultValue,
      String defaultText,
      Function<String, T> parser,
      boolean secret) {
    this.name = name;
    this.allowed = allowed;
    this.help = help;
    this.defaultValue = defaultValue;
    this.defaultText = defaultText;
    this.parser = parser;
    this.secret = secret;
  }

  /** A text; absent is the default, set but empty is empty. */
  public static Setting<String> text(String name, String defaultValue, String help) {
    return new Setting<>(
        name, "a text", help, defaultValue, defaultValue, Function.identity(), false);
  }

  /** A text that may be absent; surrounding blanks are dropped, empty is absent. */
  public static Setting<Optional<String>> optionalText(String name, String help) {
    return new Setting<>(
        name,
        "a text",
        help,
        Optional.empty(),
        "",
        text -> Optional.of(text.strip()).filter(t -> !t.isEmpty()),
        false);
  }

  /** One of a few words, to the letter. */
  public static Setting<String> oneOf(
      String name, String defaultValue, List<String> words, String help) {
    return new Setting<>(
        name,
        "one of " + String.join(", ", words),
        help,
        defaultValue,
        defaultValue,
        text -> {
          if (!words.contains(text.strip())) {
            throw new IllegalArgumentException("unknown word");
          }
          return text.strip();
        },
        false);
  }

  /** One of a few words, to the letter, or the name of a plugin. */
  public static Setting<String> wordOrPlugin(
      String name, String defaultValue, List<String> words, String help) {
    return new Setting<>(
        name,
        String.join(", ", words) + ", or the name of a plugin",
        help,
        defaultValue,
        defaultValue,
        text -> {
          String word = text.strip();
          if (!PLUGIN_NAME.matcher(word).matches()) {
            throw new IllegalArgumentException("no name");
          }
          return word;
        },
        false);
  }

  /** A whole number from {@code min} to {@code max}. */
  public static Setting<Integer> integer(
      String name, int defaultValue, int min, int max, String help) {
    return new Setting<>(
        name,
        "a whole number from " + min + " to " + max,
        help,
        defaultValue,
        Integer.toString(defaultValue),
        text -> {
          int value = Integer.parseInt(text.strip());
          if (value < min || value > max) {
            throw new IllegalArgumentException("out of range");
          }
          return value;
        },
        false);
  }

  /** A whole number from {@code min} to {@code max} that may be absent; empty is absent. */
  public static Setting<Optional<Integer>> optionalInteger(
      String name, int min, int max, String help) {
    return new Setting<>(
        name,
        "a whole number from " + min + " to " + max + ", or empty",
        help,
        Optional.empty(),
        "",
        text -> {
          if (text.isBlank()) {
            return Optional.empty();
          }
          int value = Integer.parseInt(text.strip());
          if (value < min || value > max) {
            throw new IllegalArgumentException("out of range");
          }
          return Optional.of(value);
        },
        false);
  }

  /** A whole number from {@code min} up. */
  public static Setting<Long> number(String name, long defaultValue, long min, String help) {
    return new Setting<>(
        name,
        min == Long.MIN_VALUE ? "a whole number" : "a whole number of at least " + min,
        help,
        defaultValue,
        Long.toString(defaultValue),
        text -> {
          long value = Long.parseLong(text.strip());
          if (value < min) {
            throw new IllegalArgumentException("out of range");
          }
          return value;
        },
        false);
  }

  /** true or false, in the spellings that other implementations take. */
  public static Setting<Boolean> bool(String name, boolean defaultValue, String help) {
    return new Setting<>(
        name,
        "true or false",
        help,
        defaultValue,
        Boolean.toString(defaultValue),
        text ->
            switch (text.strip()) {
              case "1", "t", "T", "TRUE", "true", "True" -> true;
              case "0", "f", "F", "FALSE", "false", "False" -> false;
              default -> throw new IllegalArgumentException("no truth value");
            },
        false);
  }

  /** Whole milliseconds; negative means {@link #UNLIMITED}. */
  public static Setting<Duration> millis(String name, Duration defaultValue, String help) {
    return new Setting<>(
        name,
        "a whole number of milliseconds, negative for no limit",
        help,
        defaultValue,
        Long.toString(defaultValue.toMillis()),
        text -> {
          long value = Long.parseLong(text.strip());
          return value < 0 || value > UNLIMITED.toMillis() ? UNLIMITED : Duration.ofMillis(value);
        },
        false);
  }

  /** {@code 90}, {@code 90s} or {@code 1m30s}; 0 usually means "none". */
  public static Setting<Duration> duration(String name, Duration defaultValue, String help) {
    return new Setting<>(
        name,
        "seconds, or a duration such as 2m30s",
        help,
        defaultValue,
        defaultValue.toSeconds() + "s",
        Setting::parseDuration,
        false);
  }

  /** Items between {@code separator}s (a regular expression); blanks around and empty ones go. */
  public static Setting<List<String>> list(String name, String separator, String help) {
    return new Setting<>(
        name,
        "a list separated by " + (separator.equals(",") ? "commas" : "blanks"),
        help,
        List.of(),
        "",
        text -> {
          List<String> items = new ArrayList<>();
          for (String item : text.split(separator, -1)) {
            if (!item.isBlank()) {
              items.add(item.strip());
            }
          }
          return List.copyOf(items);
        },
        false);
  }

  /** Some of a few words, to the letter, separated by commas; the same one twice is one. */
  public static Setting<List<String>> someOf(
      String name, List<String> defaultValue, List<String> words, String help) {
    return new Setting<>(
        name,
        "any of " + String.join(", ", words) + ", separated by commas",
        help,
        List.copyOf(defaultValue),
        String.join(",", defaultValue),
        text -> {
          List<String> items =
              Arrays.stream(text.split(",", -1))
                  .map(String::strip)
                  .filter(item -> !item.isEmpty())
                  .distinct()
                  .toList();
          if (!words.containsAll(items)) {
            throw new IllegalArgumentException("unknown word");
          }
          return items;
        },
        false);
  }

  /** Numbers above 0 that rise, separated by commas; at least one. */
  public static Setting<List<Double>> risingNumbers(
      String name, List<Double> defaultValue, String help) {
    return new Setting<>(
        name,
        "rising numbers above 0, separated by commas",
        help,
        List.copyOf(defaultValue),
        defaultValue.stream().map(Setting::number).collect(Collectors.joining(",")),
        text -> {
          List<Double> numbers = new ArrayList<>();
          double last = 0;
          for (String each : text.split(",", -1)) {
            double number = Double.parseDouble(each.strip());
            if (!(number > last) || Double.isInfinite(number)) {
              throw new IllegalArgumentException("not rising");
            }
            numbers.add(number);
            last = number;
          }
          return List.copyOf(numbers);
        },
        false);
  }

  private static String number(double value) {
    return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
  }

  /**
   * The same setting; set but empty is the default, as other Fn servers have it for some numbers.
   */
  public Setting<T> emptyIsDefault() {
    return new Setting<>(
        name,
        allowed + ", or empty",
        help,
        defaultValue,
        defaultText,
        text -> text.isBlank() ? defaultValue : parser.apply(text),
        secret);
  }

  /**
   * The same setting, with values that are refused although they have the right form: whoever only
   * looks at settings hears of those too.
   *
   * @param check throws the {@link SettingException} with which a value is refused
   */
  public Setting<T> checked(Consumer<? super T> check) {
    return new Setting<>(
        name,
        allowed,
        help,
        defaultValue,
        defaultText,
        text -> {
          T value = parser.apply(text);
          try {
            check.accept(value);
          } catch (SettingException e) {
            throw showable(e, text);
          }
          return value;
        },
        secret);
  }

  /** A part of a list may be a part of a password: what is told of one must not show it. */
  private SettingException showable(SettingException refusal, String text) {
    String shown = Masking.addresses(text);
    return shown.equals(text) || String.valueOf(refusal.getMessage()).contains(shown)
        ? refusal
        : new SettingException(name + " is \"" + shown + "\", which can't be used");
  }

  /** The same setting, but its value is masked wherever settings are shown. */
  public Setting<T> secret() {
    return new Setting<>(name, allowed, help, defaultValue, defaultText, parser, true);
  }

  /** The name of the variable. */
  public String name() {
    return name;
  }

  /** What the value may be, in words. */
  public String allowed() {
    return allowed;
  }

  /** What the setting does, in a sentence. */
  public String help() {
    return help;
  }

  /** What holds when the variable is absent. */
  public T defaultValue() {
    return defaultValue;
  }

  /** The default as an operator would write it. */
  public String defaultText() {
    return defaultText;
  }

  /** Whether the value must not be shown. */
  public boolean isSecret() {
    return secret;
  }

  T parse(String text) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new SettingException(
          name
              + " is \""
              + (secret ? Masking.MASK : Masking.addresses(text))
              + "\"; expected "
              + allowed);
    }
  }

  private static Duration parseDuration(String text) {
    String stripped = text.strip();
    // As Go has it: any number of parts, with fractions, in any order. A bare number is of seconds.
    String withUnit = stripped.matches("\\d{1,12}") ? stripped + "s" : stripped;
    Matcher part = DURATION_PART.matcher(withUnit);
    BigDecimal nanos = BigDecimal.ZERO;
    int end = 0;
    while (part.find() && part.start() == end) {
      end = part.end();
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(nanosIn(part.group(2))));
    }
    if (end == 0
        || end < withUnit.length()
        || nanos.compareTo(BigDecimal.valueOf(UNLIMITED.toNanos())) > 0) {
      throw new IllegalArgumentException("no duration");
    }
    return Duration.ofNanos(nanos.longValue());
  }

  private static BigDecimal nanosIn(String unit) {
    long nanos =
        switch (unit) {
          case "h" -> 3_600_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "s" -> 1_000_000_000L;
          case "ms" -> 1_000_000L;
          case "ns" -> 1L;
          default -> 1_000L;
        };
    return BigDecimal.valueOf(nanos);
  }
}
