import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Writes native/core/src/parse/zone_display_names.tsv: {@code java ZoneNames.java > FILE}, with Java 17, whose names Spark's
 * answers were recorded with.
 */
public class ZoneNames {
  public static void main(String[] arguments) {
    TreeMap<String, List<String>> zonesOfNames = new TreeMap<>();
    for (String id : new TreeSet<>(ZoneId.getAvailableZoneIds())) {
      TimeZone zone = TimeZone.getTimeZone(id);
      ZonedDateTime time = ZonedDateTime.of(2026, 1, 1, 0, 0, 0, 0, ZoneId.of(id));
      String names =
          String.join(
              "\t",
              zone.getDisplayName(false, TimeZone.SHORT, Locale.US),
              zone.getDisplayName(true, TimeZone.SHORT, Locale.US),
              DateTimeFormatter.ofPattern("v", Locale.US).format(time),
              zone.getDisplayName(false, TimeZone.LONG, Locale.US),
              zone.getDisplayName(true, TimeZone.LONG, Locale.US),
              DateTimeFormatter.ofPattern("vvvv", Locale.US).format(time));
      zonesOfNames.computeIfAbsent(names, any -> new ArrayList<>()).add(id);
    }
    zonesOfNames.forEach((names, zones) -> System.out.println(names + "\t" + String.join(" ", zones)));
  }
}
