import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes native/core/src/parse/locale_names.tsv: {@code java LocaleNames.java > FILE}, with Java 17, whose names Spark's
 * answers were recorded with. A line has a list of names for each of PATTERNS, then the locales that have them; a country
 * stands there only where its names are not those of its language.
 */
public class LocaleNames {
  private static final String[] PATTERNS = {"MMM", "MMMM", "LLL", "LLLL", "E", "EEEE", "a", "G", "GGGG", "QQQ", "QQQQ"};

  public static void main(String[] arguments) {
    TreeMap<String, String> namesOfTag = new TreeMap<>();
    List<Locale> locales = new ArrayList<>(List.of(Locale.getAvailableLocales()));
    locales.removeIf(locale -> locale.getLanguage().length() != 2 || !locale.getScript().isEmpty() || !locale.getVariant().isEmpty());
    locales.removeIf(locale -> locale.hasExtensions() || locale.getCountry().length() == 3);
    locales.sort(Comparator.comparing(Locale::toLanguageTag));
    for (Locale locale : locales) {
      String names = namesOf(locale);
      if (locale.getCountry().isEmpty() || !names.equals(namesOf(new Locale(locale.getLanguage())))) {
        namesOfTag.put(locale.toLanguageTag(), names);
      }
    }
    namesOfTag.put("und", namesOf(Locale.ROOT));
    TreeMap<String, List<String>> tagsOfNames = new TreeMap<>();
    namesOfTag.forEach((tag, names) -> tagsOfNames.computeIfAbsent(names, any -> new ArrayList<>()).add(tag));
    tagsOfNames.forEach((names, tags) -> System.out.println(names + "\t" + String.join(" ", tags)));
  }

  private static String namesOf(Locale locale) {
    List<String> lists = new ArrayList<>();
    for (String pattern : PATTERNS) {
      DateTimeFormatter format = DateTimeFormatter.ofPattern(pattern, locale);
      lists.add(String.join("|", times(pattern).map(format::format).toList()));
    }
    return String.join("\t", lists);
  }

  /** A time for each name of the pattern, in the order of their values: weeks begin on Monday. */
  private static Stream<LocalDateTime> times(String pattern) {
    LocalDateTime first = LocalDateTime.of(2024, 1, 1, 0, 0);
    return switch (pattern.charAt(0)) {
      case 'M', 'L' -> Stream.iterate(first, time -> time.plusMonths(1)).limit(12);
      case 'Q' -> Stream.iterate(first, time -> time.plusMonths(3)).limit(4);
      case 'E' -> Stream.iterate(first, time -> time.plusDays(1)).limit(7);
      case 'a' -> Stream.of(first, first.plusHours(12));
      default -> Stream.of(first.withYear(-100), first);
    };
  }
}
