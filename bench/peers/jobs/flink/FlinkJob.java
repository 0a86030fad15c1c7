import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.SerializableTimestampAssigner;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.assigners.FileSplitAssigner;
import org.apache.flink.connector.file.src.reader.SimpleStreamFormat;
import org.apache.flink.connector.file.src.reader.StreamFormat;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * FlinkJob WORKLOAD PATH INPUT RESULT: the DataStream API in the local mini cluster, parallelism 2, state on the heap, a checkpoint every
 * 10 s. PATH parquet stands for the same columns as rows of little-endian int64. Watermarks are taken at the source, a split (file or
 * partition) at a time, so that parsing happens in the source's own task.
 */
public class FlinkJob {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter MINUTES = DateTimeFormatter.ofPattern("dd-MM-yyyy-HH-mm");
  private static final int PARALLELISM = 2;

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static class Trade {
    public String id, type, time;
    public long amount, ts;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static class Ad {
    public String ad_id, event_type;
    public long event_time;
  }

  public static class View {
    public String campaign;
    public long ts;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static class Bid {
    public long auction, bidder, price, dateTime;
  }

  public static class Measurement {
    public long key, ts, value;
  }

  private final StreamExecutionEnvironment environment;
  private final String path;
  private final String input;

  private FlinkJob(StreamExecutionEnvironment environment, String path, String input) {
    this.environment = environment;
    this.path = path;
    this.input = input;
  }

  public static void main(String[] words) throws Exception {
    String work = words[0];
    Path result = Path.of(words[3]).toAbsolutePath();
    Configuration settings = new Configuration();
    settings.setString("execution.checkpointing.interval", "10s");
    settings.setString("execution.checkpointing.dir", Path.of(words[3] + "-checkpoints").toAbsolutePath().toUri().toString());
    settings.setString("pipeline.object-reuse", "true");
    settings.setString("rest.bind-port", "0");
    settings.setString("rest.bind-address", "127.0.0.1");
    settings.setString("taskmanager.memory.network.min", "64m");
    settings.setString("taskmanager.memory.network.max", "64m");
    var environment = StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, settings);
    FlinkJob job = new FlinkJob(environment, words[1], words[2]);
    DataStream<String> lines = work.equals("W1") ? job.trades() : work.equals("W2") ? job.adViews() : work.equals("W4") ? job.manyKeys() : job.bids(work.substring(3));
    lines.sinkTo(FileSink.forRowFormat(new org.apache.flink.core.fs.Path(result.toUri()), new SimpleStringEncoder<String>()).build());
    environment.execute(work);
    System.out.println("PEER {\"version\":\"" + EnvironmentInformation.getVersion() + "\"}");
    System.exit(0);
  }

  private DataStream<String> trades() {
    return source(Trade.class, FlinkJob::parseTrade, null, 600, (trade, before) -> trade.ts)
        .keyBy(trade -> trade.id, Types.STRING)
        .window(TumblingEventTimeWindows.of(Duration.ofMinutes(5)))
        .aggregate(new SumCount<Trade>(trade -> trade.type.equals("sell") ? -trade.amount : trade.amount), new Line<String>(true));
  }

  private DataStream<String> adViews() throws IOException {
    HashMap<String, String> campaigns = new HashMap<>();
    for (String line : Files.readAllLines(Path.of(System.getenv("ADS")))) {
      String[] fields = line.split(",");
      campaigns.put(fields[0], fields[1]);
    }
    return source(Ad.class, bytes -> JSON.readValue(bytes, Ad.class), null, 10, (ad, before) -> ad.event_time)
        .filter(ad -> ad.event_type.equals("view"))
        .flatMap((Ad ad, Collector<View> views) -> {
          View view = new View();
          view.campaign = campaigns.get(ad.ad_id);
          view.ts = ad.event_time;
          if (view.campaign != null) views.collect(view);
        })
        .returns(View.class)
        .keyBy(view -> view.campaign, Types.STRING)
        .window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
        .aggregate(new SumCount<View>(view -> 1), new Line<String>(false));
  }

  private DataStream<String> bids(String query) {
    DataStream<Bid> bids = source(Bid.class, bytes -> JSON.readValue(bytes, Bid.class), new BidRows(), 4, (bid, before) -> bid.dateTime);
    switch (query) {
      case "q5counts":
        return counts(bids.keyBy(bid -> bid.auction, Types.LONG), SlidingEventTimeWindows.of(Duration.ofSeconds(10), Duration.ofSeconds(2)));
      case "q7":
        return highest(bids);
      case "q11":
        return counts(bids.keyBy(bid -> bid.bidder, Types.LONG), EventTimeSessionWindows.withGap(Duration.ofSeconds(10)));
      default:
        return counts(bids.keyBy(bid -> bid.bidder, Types.LONG), TumblingEventTimeWindows.of(Duration.ofSeconds(10)));
    }
  }

  private static DataStream<String> counts(KeyedStream<Bid, Long> bids, WindowAssigner<Object, TimeWindow> windows) {
    return bids.window(windows).aggregate(new SumCount<Bid>(bid -> 1), new Line<Long>(false));
  }

  /** In two steps, so that both tasks work: by a scattered bit, then together. */
  private static DataStream<String> highest(DataStream<Bid> bids) {
    var tumbling = TumblingEventTimeWindows.of(Duration.ofSeconds(10));
    return bids.keyBy(bid -> (bid.auction ^ bid.bidder) & 1, Types.LONG)
        .window(tumbling)
        .aggregate(new MaxCount(), new Figures())
        .windowAll(tumbling)
        .reduce((one, other) -> new long[] {one[0], Math.max(one[1], other[1]), one[2] + other[2]})
        .map(highest -> highest[0] + ",all," + highest[1] + "," + highest[2]);
  }

  /** The result has millions of rows: each window gives their number and a share of the check sum. */
  private DataStream<String> manyKeys() {
    var tumbling = TumblingEventTimeWindows.of(Duration.ofMinutes(1));
    return source(Measurement.class, null, new MeasurementRows(), 10, (row, before) -> row.ts)
        .keyBy(row -> row.key, Types.LONG)
        .window(tumbling)
        .aggregate(new SumCount<Measurement>(row -> row.value), new Share())
        .windowAll(tumbling)
        .reduce((one, other) -> new long[] {one[0] + other[0], one[1] + other[1]})
        .map(share -> "P," + share[0] + "," + share[1]);
  }

  // ---- sources

  interface Parser<T> extends Serializable {
    T parse(byte[] bytes) throws IOException;
  }

  private <T> DataStream<T> source(Class<T> type, Parser<T> parser, Rows<T> rows, int latenessSeconds,
      SerializableTimestampAssigner<T> time) {
    WatermarkStrategy<T> watermarks =
        WatermarkStrategy.<T>forBoundedOutOfOrderness(Duration.ofSeconds(latenessSeconds)).withTimestampAssigner(time);
    if (path.equals("kafka")) return environment.fromSource(kafka(type, parser), watermarks, "topic", TypeInformation.of(type));
    var folder = new org.apache.flink.core.fs.Path(Path.of(input).toAbsolutePath().toUri());
    SimpleStreamFormat<T> format = path.equals("parquet") ? rows : new Lines<T>(type, parser);
    FileSplitAssigner.Provider inOrder = InOrder::new;
    return environment.fromSource(FileSource.forRecordStreamFormat(format, folder).setSplitAssigner(inOrder).build(), watermarks, "files");
  }

  private <T> KafkaSource<T> kafka(Class<T> type, Parser<T> parser) {
    return KafkaSource.<T>builder()
        .setBootstrapServers(System.getenv("BOOTSTRAP"))
        .setTopics(input)
        .setGroupId("flink-" + System.nanoTime())
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setBounded(OffsetsInitializer.latest())
        .setValueOnlyDeserializer(new Values<T>(type, parser))
        .build();
  }

  private static Trade parseTrade(byte[] bytes) throws IOException {
    Trade trade = JSON.readValue(bytes, Trade.class);
    trade.ts = LocalDateTime.parse(trade.time, MINUTES).toEpochSecond(ZoneOffset.UTC) * 1000;
    return trade;
  }

  static class Values<T> extends AbstractDeserializationSchema<T> {
    private final Parser<T> parser;

    Values(Class<T> type, Parser<T> parser) {
      super(type);
      this.parser = parser;
    }

    @Override
    public T deserialize(byte[] bytes) throws IOException {
      return parser.parse(bytes);
    }
  }

  /** Files in order of their names, which is their order in time. */
  static class InOrder implements FileSplitAssigner {
    private final ArrayDeque<FileSourceSplit> queue = new ArrayDeque<>();

    InOrder(Collection<FileSourceSplit> splits) {
      splits.stream().sorted(Comparator.comparing(split -> split.path().getName())).forEach(queue::add);
    }

    public Optional<FileSourceSplit> getNext(String host) {
      return Optional.ofNullable(queue.poll());
    }

    public void addSplits(Collection<FileSourceSplit> splits) {
      queue.addAll(splits);
    }

    public Collection<FileSourceSplit> remainingSplits() {
      return new ArrayList<>(queue);
    }
  }

  static class Lines<T> extends SimpleStreamFormat<T> {
    private final Class<T> type;
    private final Parser<T> parser;

    Lines(Class<T> type, Parser<T> parser) {
      this.type = type;
      this.parser = parser;
    }

    public StreamFormat.Reader<T> createReader(Configuration settings, FSDataInputStream stream) {
      BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8), 1 << 16);
      return new StreamFormat.Reader<T>() {
        public T read() throws IOException {
          String line = reader.readLine();
          return line == null ? null : parser.parse(line.getBytes(StandardCharsets.UTF_8));
        }

        public void close() throws IOException {
          reader.close();
        }
      };
    }

    public TypeInformation<T> getProducedType() {
      return TypeInformation.of(type);
    }
  }

  /** Rows of little-endian int64. */
  abstract static class Rows<T> extends SimpleStreamFormat<T> {
    private static final int ROWS_AT_ONCE = 4096;

    abstract int width();

    abstract T row(ByteBuffer bytes, int at);

    public StreamFormat.Reader<T> createReader(Configuration settings, FSDataInputStream stream) {
      byte[] block = new byte[width() * Long.BYTES * ROWS_AT_ONCE];
      ByteBuffer bytes = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
      return new StreamFormat.Reader<T>() {
        private int at = 0;
        private int end = 0;

        public T read() throws IOException {
          if (at == end) {
            end = stream.readNBytes(block, 0, block.length);
            at = 0;
            if (end <= 0) return null;
          }
          T row = row(bytes, at);
          at += width() * Long.BYTES;
          return row;
        }

        public void close() throws IOException {
          stream.close();
        }
      };
    }
  }

  static class BidRows extends Rows<Bid> {
    int width() {
      return 4;
    }

    Bid row(ByteBuffer bytes, int at) {
      Bid bid = new Bid();
      bid.auction = bytes.getLong(at);
      bid.bidder = bytes.getLong(at + 8);
      bid.price = bytes.getLong(at + 16);
      bid.dateTime = bytes.getLong(at + 24);
      return bid;
    }

    public TypeInformation<Bid> getProducedType() {
      return TypeInformation.of(Bid.class);
    }
  }

  static class MeasurementRows extends Rows<Measurement> {
    int width() {
      return 3;
    }

    Measurement row(ByteBuffer bytes, int at) {
      Measurement row = new Measurement();
      row.key = bytes.getLong(at);
      row.ts = bytes.getLong(at + 8);
      row.value = bytes.getLong(at + 16);
      return row;
    }

    public TypeInformation<Measurement> getProducedType() {
      return TypeInformation.of(Measurement.class);
    }
  }

  // ---- aggregates: two figures a group, the second one a count

  interface Value<T> extends Serializable {
    long of(T row);
  }

  static class SumCount<T> implements AggregateFunction<T, long[], long[]> {
    private final Value<T> value;

    SumCount(Value<T> value) {
      this.value = value;
    }

    public long[] createAccumulator() {
      return new long[2];
    }

    public long[] add(T row, long[] sums) {
      sums[0] += value.of(row);
      sums[1]++;
      return sums;
    }

    public long[] getResult(long[] sums) {
      return sums;
    }

    public long[] merge(long[] one, long[] other) {
      one[0] += other[0];
      one[1] += other[1];
      return one;
    }
  }

  static class MaxCount implements AggregateFunction<Bid, long[], long[]> {
    public long[] createAccumulator() {
      return new long[2];
    }

    public long[] add(Bid bid, long[] figures) {
      figures[0] = Math.max(figures[0], bid.price);
      figures[1]++;
      return figures;
    }

    public long[] getResult(long[] figures) {
      return figures;
    }

    public long[] merge(long[] one, long[] other) {
      one[0] = Math.max(one[0], other[0]);
      one[1] += other[1];
      return one;
    }
  }

  /** A line of the result. */
  static class Line<K> extends ProcessWindowFunction<long[], String, K, TimeWindow> {
    private final boolean hasSum;

    Line(boolean hasSum) {
      this.hasSum = hasSum;
    }

    public void process(K key, Context context, Iterable<long[]> groups, Collector<String> lines) {
      long[] figures = groups.iterator().next();
      lines.collect(context.window().getStart() + "," + key + (hasSum ? "," + figures[0] : "") + "," + figures[1]);
    }
  }

  static class Figures extends ProcessWindowFunction<long[], long[], Long, TimeWindow> {
    public void process(Long key, Context context, Iterable<long[]> groups, Collector<long[]> rows) {
      long[] figures = groups.iterator().next();
      rows.collect(new long[] {context.window().getStart(), figures[0], figures[1]});
    }
  }

  static class Share extends ProcessWindowFunction<long[], long[], Long, TimeWindow> {
    public void process(Long key, Context context, Iterable<long[]> groups, Collector<long[]> shares) {
      if (key < 0) return;
      long[] figures = groups.iterator().next();
      long minute = context.window().getStart() / 60000 % 1000;
      shares.collect(new long[] {1, (minute + key * 7 + figures[0] * 13 + figures[1] * 101) % 1000003});
    }
  }
}
