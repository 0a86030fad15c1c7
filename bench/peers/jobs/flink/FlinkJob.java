import java.io.*; import java.nio.*; import java.nio.file.*; import java.time.*; import java.time.format.DateTimeFormatter; import java.util.*;
import com.fasterxml.jackson.databind.ObjectMapper; import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy; import org.apache.flink.api.common.functions.*; import org.apache.flink.api.common.serialization.*;
import org.apache.flink.api.common.typeinfo.*; import org.apache.flink.configuration.*; import org.apache.flink.connector.file.src.*; import org.apache.flink.connector.file.src.assigners.FileSplitAssigner;
import org.apache.flink.connector.file.src.reader.*; import org.apache.flink.connector.file.sink.FileSink; import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer; import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.streaming.api.datastream.*; import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction; import org.apache.flink.streaming.api.windowing.assigners.*; import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
/** FlinkJob WORK PATH INPUT RESULT : Flink DataStream API in the local mini cluster, parallelism 2, hashmap state, checkpoint every 10 s. */
public class FlinkJob {
  static final ObjectMapper M = new ObjectMapper();
  @JsonIgnoreProperties(ignoreUnknown = true) public static class Trade { public String id, type, time; public long amount; public long ts; }
  @JsonIgnoreProperties(ignoreUnknown = true) public static class Ad { public String ad_id, event_type; public long event_time; }
  public static class View { public String campaign; public long ts; public View() {} public View(String c, long t) { campaign = c; ts = t; } }
  @JsonIgnoreProperties(ignoreUnknown = true) public static class Bid { public long auction, bidder, price, dateTime; }
  public static class KV { public long key, ts, value; }
  static final DateTimeFormatter P = DateTimeFormatter.ofPattern("dd-MM-yyyy-HH-mm");
  static class Fifo implements FileSplitAssigner {
    final ArrayDeque<FileSourceSplit> q = new ArrayDeque<>();
    Fifo(Collection<FileSourceSplit> s) { s.stream().sorted(Comparator.comparing(x -> x.path().getName())).forEach(q::add); }
    public Optional<FileSourceSplit> getNext(String host) { return Optional.ofNullable(q.poll()); }
    public void addSplits(Collection<FileSourceSplit> s) { q.addAll(s); }
    public Collection<FileSourceSplit> remainingSplits() { return new ArrayList<>(q); }
  }
  /** fixed rows of W little-endian int64 */
  static abstract class Raw<T> extends SimpleStreamFormat<T> {
    abstract int width(); abstract T row(ByteBuffer b, int at);
    public StreamFormat.Reader<T> createReader(Configuration c, FSDataInputStream in) {
      final byte[] buf = new byte[width() * 8 * 4096]; final ByteBuffer b = ByteBuffer.wrap(buf).order(ByteOrder.LITTLE_ENDIAN);
      return new StreamFormat.Reader<T>() { int at = 0, end = 0;
        public T read() throws IOException { if (at == end) { end = in.readNBytes(buf, 0, buf.length); at = 0; if (end <= 0) return null; } T t = row(b, at); at += width() * 8; return t; }
        public void close() throws IOException { in.close(); } };
    }
  }
  static class RawBid extends Raw<Bid> { int width() { return 4; } Bid row(ByteBuffer b, int at) { Bid x = new Bid(); x.auction = b.getLong(at); x.bidder = b.getLong(at + 8); x.price = b.getLong(at + 16); x.dateTime = b.getLong(at + 24); return x; }
    public TypeInformation<Bid> getProducedType() { return TypeInformation.of(Bid.class); } }
  static class RawKV extends Raw<KV> { int width() { return 3; } KV row(ByteBuffer b, int at) { KV x = new KV(); x.key = b.getLong(at); x.ts = b.getLong(at + 8); x.value = b.getLong(at + 16); return x; }
    public TypeInformation<KV> getProducedType() { return TypeInformation.of(KV.class); } }
  static class Bytes extends AbstractDeserializationSchema<byte[]> { public byte[] deserialize(byte[] b) { return b; } }
  static class SumCount<T> implements AggregateFunction<T, long[], long[]> {
    interface V<T> extends Serializable { long of(T t); } final V<T> v; SumCount(V<T> v) { this.v = v; }
    public long[] createAccumulator() { return new long[2]; } public long[] add(T t, long[] a) { a[0] += v.of(t); a[1]++; return a; }
    public long[] getResult(long[] a) { return a; } public long[] merge(long[] a, long[] b) { a[0] += b[0]; a[1] += b[1]; return a; }
  }
  static class Max implements AggregateFunction<Bid, long[], long[]> {
    public long[] createAccumulator() { return new long[2]; } public long[] add(Bid t, long[] a) { a[0] = Math.max(a[0], t.price); a[1]++; return a; }
    public long[] getResult(long[] a) { return a; } public long[] merge(long[] a, long[] b) { a[0] = Math.max(a[0], b[0]); a[1] += b[1]; return a; }
  }
  static class Out<K> extends ProcessWindowFunction<long[], String, K, TimeWindow> { final boolean both; Out(boolean b) { both = b; }
    public void process(K k, Context c, Iterable<long[]> in, Collector<String> o) { long[] a = in.iterator().next(); o.collect(c.window().getStart() + "," + k + (both ? "," + a[0] : "") + "," + a[1]); } }
  static class Check extends ProcessWindowFunction<long[], long[], Long, TimeWindow> {
    public void process(Long k, Context c, Iterable<long[]> in, Collector<long[]> o) { if (k < 0) return; long[] a = in.iterator().next(); o.collect(new long[] {1, (c.window().getStart() / 60000 % 1000 + k * 7 + a[0] * 13 + a[1] * 101) % 1000003}); } }
  public static void main(String[] x) throws Exception {
    String work = x[0], path = x[1], in = x[2], out = x[3];
    Configuration c = new Configuration();
    c.setString("execution.checkpointing.interval", "10s"); c.setString("pipeline.object-reuse", "true"); c.setString("execution.checkpointing.dir", Path.of(out + "-ckpt").toAbsolutePath().toUri().toString());
    c.setString("rest.bind-port", System.getenv().getOrDefault("FLINK_PORT", "0")); c.setString("rest.bind-address", "127.0.0.1"); c.setString("taskmanager.memory.network.max", "64m"); c.setString("taskmanager.memory.network.min", "64m");
    StreamExecutionEnvironment e = StreamExecutionEnvironment.createLocalEnvironment(2, c);
    FileSplitAssigner.Provider fifo = Fifo::new;
    var ip = path.equals("kafka") ? null : new org.apache.flink.core.fs.Path(Path.of(in).toAbsolutePath().toUri());
    Duration lat = Duration.ofSeconds(work.equals("W1") ? 600 : work.equals("W2") ? 10 : 4);
    DataStream<byte[]> raw = null;
    DataStream<String> res;
    // the watermark is taken at the source, a split (file or partition) at a time, so the parsing happens in the source's own task
    if (work.equals("W1")) {
      MapFunction<byte[], Trade> f = b -> parse(b);
      var w = WatermarkStrategy.<Trade>forBoundedOutOfOrderness(lat).withTimestampAssigner((t, z) -> t.ts);
      DataStream<Trade> s = path.equals("kafka") ? e.fromSource(kafka(in, new AbstractDeserializationSchema<Trade>() { public Trade deserialize(byte[] b) throws IOException { return parse(b); } }), w, "k")
        : e.fromSource(FileSource.forRecordStreamFormat(new Lines<Trade>(Trade.class, FlinkJob::parse), ip).setSplitAssigner(fifo).build(), w, "f");
      res = s.keyBy(t -> t.id, Types.STRING).window(TumblingEventTimeWindows.of(Duration.ofMinutes(5))).aggregate(new SumCount<Trade>(t -> t.type.equals("sell") ? -t.amount : t.amount), new Out<String>(true));
    } else if (work.equals("W2")) {
      HashMap<String, String> ads = new HashMap<>(); for (String l : Files.readAllLines(Path.of(System.getenv("ADS")))) { String[] p = l.split(","); ads.put(p[0], p[1]); }
      var w = WatermarkStrategy.<Ad>forBoundedOutOfOrderness(lat).withTimestampAssigner((t, z) -> t.event_time);
      DataStream<Ad> s = path.equals("kafka") ? e.fromSource(kafka(in, new AbstractDeserializationSchema<Ad>() { public Ad deserialize(byte[] b) throws IOException { return M.readValue(b, Ad.class); } }), w, "k")
        : e.fromSource(FileSource.forRecordStreamFormat(new Lines<Ad>(Ad.class, b -> M.readValue(b, Ad.class)), ip).setSplitAssigner(fifo).build(), w, "f");
      res = s.filter(a -> a.event_type.equals("view")).flatMap((Ad a, Collector<View> o) -> { String k = ads.get(a.ad_id); if (k != null) o.collect(new View(k, a.event_time)); }).returns(View.class)
        .keyBy(v -> v.campaign, Types.STRING).window(TumblingEventTimeWindows.of(Duration.ofSeconds(10))).aggregate(new SumCount<View>(v -> 1), new Out<String>(false));
    } else if (work.startsWith("W3")) {
      var w = WatermarkStrategy.<Bid>forBoundedOutOfOrderness(lat).withTimestampAssigner((t, z) -> t.dateTime);
      DataStream<Bid> s = e.fromSource(path.equals("parquet") ? FileSource.forRecordStreamFormat(new RawBid(), ip).setSplitAssigner(fifo).build() : FileSource.forRecordStreamFormat(new Lines<Bid>(Bid.class, b -> M.readValue(b, Bid.class)), ip).setSplitAssigner(fifo).build(), w, "f");
      switch (work.substring(3)) {
        case "q5counts": res = s.keyBy(b -> b.auction, Types.LONG).window(SlidingEventTimeWindows.of(Duration.ofSeconds(10), Duration.ofSeconds(2))).aggregate(new SumCount<Bid>(b -> 1), new Out<Long>(false)); break;
        case "q7": res = s.map(b -> { Bid y = new Bid(); y.auction = (b.auction ^ b.bidder) & 1; y.price = b.price; return y; }).returns(Bid.class).keyBy(b -> b.auction, Types.LONG).window(TumblingEventTimeWindows.of(Duration.ofSeconds(10)))
            .aggregate(new Max(), new ProcessWindowFunction<long[], long[], Long, TimeWindow>() { public void process(Long k, Context cc, Iterable<long[]> i, Collector<long[]> o) { long[] a = i.iterator().next(); o.collect(new long[] {cc.window().getStart(), a[0], a[1]}); } })
            .windowAll(TumblingEventTimeWindows.of(Duration.ofSeconds(10))).reduce((a, b) -> new long[] {a[0], Math.max(a[1], b[1]), a[2] + b[2]}).map(a -> a[0] + ",all," + a[1] + "," + a[2]); break;
        case "q11": res = s.keyBy(b -> b.bidder, Types.LONG).window(EventTimeSessionWindows.withGap(Duration.ofSeconds(10))).aggregate(new SumCount<Bid>(b -> 1), new Out<Long>(false)); break;
        default: res = s.keyBy(b -> b.bidder, Types.LONG).window(TumblingEventTimeWindows.of(Duration.ofSeconds(10))).aggregate(new SumCount<Bid>(b -> 1), new Out<Long>(false));
      }
    } else {
      var w = WatermarkStrategy.<KV>forBoundedOutOfOrderness(Duration.ofSeconds(10)).withTimestampAssigner((t, z) -> t.ts);
      DataStream<KV> s = e.fromSource(FileSource.forRecordStreamFormat(new RawKV(), ip).setSplitAssigner(fifo).build(), w, "f");
      // window results are folded to one row count and one check sum, emitted by a global window at the end
      res = s.keyBy(v -> v.key, Types.LONG).window(TumblingEventTimeWindows.of(Duration.ofMinutes(1))).aggregate(new SumCount<KV>(v -> v.value), new Check())
        .windowAll(TumblingEventTimeWindows.of(Duration.ofMinutes(1))).reduce((a, b) -> new long[] {a[0] + b[0], a[1] + b[1]}).map(a -> "P," + a[0] + "," + a[1]);
    }
    res.sinkTo(FileSink.forRowFormat(new org.apache.flink.core.fs.Path(Path.of(out).toAbsolutePath().toUri()), new SimpleStringEncoder<String>()).build());
    long t = System.currentTimeMillis();
    e.execute(work);
    System.out.println("PEER {\"version\":\"" + org.apache.flink.runtime.util.EnvironmentInformation.getVersion() + "\",\"execute_s\":" + (System.currentTimeMillis() - t) / 1000.0 + "}");
    System.exit(0);
  }
  static Trade parse(byte[] b) throws IOException { Trade t = M.readValue(b, Trade.class); t.ts = LocalDateTime.parse(t.time, P).toEpochSecond(ZoneOffset.UTC) * 1000; return t; }
  interface Fn<T> extends Serializable { T of(byte[] b) throws IOException; }
  static class Lines<T> extends SimpleStreamFormat<T> { final Class<T> k; final Fn<T> f; Lines(Class<T> k, Fn<T> f) { this.k = k; this.f = f; }
    public StreamFormat.Reader<T> createReader(Configuration c, FSDataInputStream in) {
      final BufferedReader r = new BufferedReader(new InputStreamReader(in, java.nio.charset.StandardCharsets.UTF_8), 1 << 16);
      return new StreamFormat.Reader<T>() { public T read() throws IOException { String s = r.readLine(); return s == null ? null : f.of(s.getBytes(java.nio.charset.StandardCharsets.UTF_8)); } public void close() throws IOException { r.close(); } };
    }
    public TypeInformation<T> getProducedType() { return TypeInformation.of(k); } }
  static <T> KafkaSource<T> kafka(String topic, AbstractDeserializationSchema<T> d) {
    return KafkaSource.<T>builder().setBootstrapServers(System.getenv("BOOTSTRAP")).setTopics(topic).setGroupId("flink-" + System.nanoTime()).setStartingOffsets(OffsetsInitializer.earliest()).setBounded(OffsetsInitializer.latest()).setValueOnlyDeserializer(d).build();
  }
}
