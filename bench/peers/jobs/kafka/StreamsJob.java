import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.FileWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.TimeWindows;

/**
 * StreamsJob WORKLOAD TOPIC RECORDS RESULT: the Kafka Streams DSL, two threads, the default stores (RocksDB with a change log), cache and
 * commit interval. It emits updates: the last line of a window and key counts. Ends when every record that was fed is folded.
 */
public class StreamsJob {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern("dd-MM-yyyy-HH-mm");
  private static final int PARTITIONS = 4;
  private static final long POLL_MS = 20;
  /** Polls without progress after which something is wrong. */
  private static final int STUCK_POLLS = 1000;

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static class Trade {
    public String id, type, time;
    public long amount, ts;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static class Ad {
    public String ad_id, event_type, user_id;
    public long event_time;
  }

  /** Partitions whose last record (the one that moves watermarks elsewhere) was seen, records fed to the aggregation, and folded by it. */
  private static final AtomicLong ENDS = new AtomicLong();
  private static final AtomicLong FED = new AtomicLong();
  private static final AtomicLong FOLDED = new AtomicLong();
  private static PrintWriter result;

  public static void main(String[] words) throws Exception {
    String work = words[0];
    Properties settings = new Properties();
    settings.put("application.id", "peer-" + work + "-" + System.currentTimeMillis());
    settings.put("bootstrap.servers", System.getenv("BOOTSTRAP"));
    settings.put("num.stream.threads", "2");
    settings.put("auto.offset.reset", "earliest");
    settings.put("state.dir", System.getenv("SCRATCH") + "/state");
    settings.put("replication.factor", "1");
    result = new PrintWriter(new BufferedWriter(new FileWriter(words[3]), 1 << 20));
    StreamsBuilder builder = new StreamsBuilder();
    if (work.equals("W1")) trades(builder, words[1]);
    else adViews(builder, words[1]);
    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    streams.start();
    awaitEnd(streams);
    streams.close();
    result.close();
    System.out.println("PEER {\"version\":\"" + AppInfoParser.getVersion() + "\"}");
    System.exit(0);
  }

  private static void trades(StreamsBuilder builder, String topic) {
    Serde<Trade> trade = serde(StreamsJob::parseTrade);
    builder.stream(topic, Consumed.with(Serdes.String(), trade).withTimestampExtractor((record, before) -> ((Trade) record.value()).ts))
        .peek((id, value) -> (id == null ? ENDS : FED).incrementAndGet())
        .filter((id, value) -> id != null)
        .mapValues(value -> value.type.equals("sell") ? -value.amount : value.amount)
        .groupByKey(Grouped.with(Serdes.String(), Serdes.Long()))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(5), Duration.ofMinutes(10)))
        .aggregate(() -> new long[2], (id, profit, sums) -> {
          FOLDED.incrementAndGet();
          return new long[] {sums[0] + profit, sums[1] + 1};
        }, Materialized.with(Serdes.String(), pairs()))
        .toStream()
        .foreach((window, sums) -> line(window.window().start() + "," + window.key() + "," + sums[0] + "," + sums[1]));
  }

  private static void adViews(StreamsBuilder builder, String topic) throws IOException {
    HashMap<String, String> campaigns = new HashMap<>();
    for (String line : Files.readAllLines(Path.of(System.getenv("ADS")))) {
      String[] fields = line.split(",");
      campaigns.put(fields[0], fields[1]);
    }
    Serde<Ad> ad = serde(bytes -> JSON.readValue(bytes, Ad.class));
    builder.stream(topic, Consumed.with(Serdes.String(), ad).withTimestampExtractor((record, before) -> ((Ad) record.value()).event_time))
        .peek((key, value) -> {
          if (value.user_id.equals("flush")) ENDS.incrementAndGet();
        })
        .filter((key, value) -> value.event_type.equals("view") && !value.user_id.equals("flush"))
        .map((key, value) -> KeyValue.pair(campaigns.get(value.ad_id), ""))
        .peek((key, value) -> FED.incrementAndGet())
        .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofSeconds(10), Duration.ofMinutes(10)))
        .aggregate(() -> 0L, (key, value, count) -> {
          FOLDED.incrementAndGet();
          return count + 1;
        }, Materialized.with(Serdes.String(), Serdes.Long()))
        .toStream()
        .foreach((window, count) -> line(window.window().start() + "," + window.key() + "," + count));
  }

  private static void line(String text) {
    synchronized (result) {
      result.println(text);
    }
  }

  private static void awaitEnd(KafkaStreams streams) throws InterruptedException {
    long last = -1;
    int stuck = 0;
    while (ENDS.get() < PARTITIONS || FOLDED.get() < FED.get()) {
      Thread.sleep(POLL_MS);
      stuck = FOLDED.get() == last ? stuck + 1 : 0;
      last = FOLDED.get();
      if (stuck > STUCK_POLLS || streams.state() == KafkaStreams.State.ERROR) return;
    }
  }

  private static Trade parseTrade(byte[] bytes) throws IOException {
    Trade trade = JSON.readValue(bytes, Trade.class);
    trade.ts = LocalDateTime.parse(trade.time, MINUTES).toEpochSecond(ZoneOffset.UTC) * 1000;
    return trade;
  }

  interface Parser<T> {
    T parse(byte[] bytes) throws IOException;
  }

  private static <T> Serde<T> serde(Parser<T> parser) {
    Serializer<T> serializer = (topic, value) -> {
      try {
        return JSON.writeValueAsBytes(value);
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    };
    Deserializer<T> deserializer = (topic, bytes) -> {
      try {
        return parser.parse(bytes);
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    };
    return Serdes.serdeFrom(serializer, deserializer);
  }

  private static Serde<long[]> pairs() {
    Serializer<long[]> serializer =
        (topic, pair) -> pair == null ? null : ByteBuffer.allocate(2 * Long.BYTES).putLong(pair[0]).putLong(pair[1]).array();
    Deserializer<long[]> deserializer = (topic, bytes) -> {
      if (bytes == null) return null;
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new long[] {buffer.getLong(), buffer.getLong()};
    };
    return Serdes.serdeFrom(serializer, deserializer);
  }
}
