import java.io.*; import java.nio.file.*; import java.time.*; import java.time.format.DateTimeFormatter; import java.util.*; import java.util.concurrent.*; import java.util.concurrent.atomic.*;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties; import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.kafka.common.serialization.*; import org.apache.kafka.streams.*; import org.apache.kafka.streams.kstream.*;
/** StreamsJob WORK TOPIC RECORDS RESULT : Kafka Streams DSL, 2 threads, default stores (RocksDB with change log), default cache and commit interval. */
public class StreamsJob {
  static final ObjectMapper M = new ObjectMapper(); static final DateTimeFormatter P = DateTimeFormatter.ofPattern("dd-MM-yyyy-HH-mm");
  @JsonIgnoreProperties(ignoreUnknown = true) public static class Trade { public String id, type, time; public long amount, ts; }
  @JsonIgnoreProperties(ignoreUnknown = true) public static class Ad { public String ad_id, event_type, user_id; public long event_time; }
  static <T> Serde<T> serde(Deserializer<T> d) { return Serdes.serdeFrom((Serializer<T>) (t, o) -> { try { return M.writeValueAsBytes(o); } catch (IOException e) { throw new RuntimeException(e); } }, d); }
  static Serde<long[]> longs() { return Serdes.serdeFrom((t, a) -> { if (a == null) return null; byte[] b = new byte[16]; java.nio.ByteBuffer.wrap(b).putLong(a[0]).putLong(a[1]); return b; },
    (t, b) -> { if (b == null) return null; var q = java.nio.ByteBuffer.wrap(b); return new long[] {q.getLong(), q.getLong()}; }); }
  public static void main(String[] x) throws Exception {
    String work = x[0], topic = x[1], out = x[3]; long want = Long.parseLong(x[2]);
    Properties p = new Properties();
    p.put("application.id", "ks-" + work + "-" + System.currentTimeMillis()); p.put("bootstrap.servers", System.getenv("BOOTSTRAP")); p.put("num.stream.threads", "2"); p.put("auto.offset.reset", "earliest");
    p.put("state.dir", System.getenv("SCRATCH") + "/ks-state"); p.put("replication.factor", "1");
    if ("mem".equals(System.getenv("KS_STORE"))) p.put("dsl.store.suppliers.class", "org.apache.kafka.streams.state.BuiltInDslStoreSuppliers$InMemoryDslStoreSuppliers");
    AtomicLong seen = new AtomicLong(), fed = new AtomicLong(), folded = new AtomicLong();
    PrintWriter w = new PrintWriter(new BufferedWriter(new FileWriter(out), 1 << 20));
    StreamsBuilder b = new StreamsBuilder();
    if (work.equals("W1")) {
      Serde<Trade> s = serde((t, d) -> { try { Trade r = M.readValue(d, Trade.class); r.ts = LocalDateTime.parse(r.time, P).toEpochSecond(ZoneOffset.UTC) * 1000; return r; } catch (IOException e) { throw new RuntimeException(e); } });
      b.stream(topic, Consumed.with(Serdes.String(), s).withTimestampExtractor((r, q) -> ((Trade) r.value()).ts)).peek((k, v) -> { if (k == null) seen.incrementAndGet(); else fed.incrementAndGet(); })
       .filter((k, v) -> k != null).mapValues(v -> v.type.equals("sell") ? -v.amount : v.amount)
       .groupByKey(Grouped.with(Serdes.String(), Serdes.Long())).windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(5), Duration.ofMinutes(10)))
       .aggregate(() -> new long[2], (k, v, a) -> { folded.incrementAndGet(); return new long[] {a[0] + v, a[1] + 1}; }, Materialized.with(Serdes.String(), longs()))
       .toStream().foreach((k, a) -> { synchronized (w) { w.println(k.window().start() + "," + k.key() + "," + a[0] + "," + a[1]); } });
    } else {
      HashMap<String, String> ads = new HashMap<>(); for (String l : Files.readAllLines(Path.of(System.getenv("ADS")))) { String[] q = l.split(","); ads.put(q[0], q[1]); }
      Serde<Ad> s = serde((t, d) -> { try { return M.readValue(d, Ad.class); } catch (IOException e) { throw new RuntimeException(e); } });
      b.stream(topic, Consumed.with(Serdes.String(), s).withTimestampExtractor((r, q) -> ((Ad) r.value()).event_time)).peek((k, v) -> { if (v.user_id.equals("flush")) seen.incrementAndGet(); })
       .filter((k, v) -> v.event_type.equals("view") && !v.user_id.equals("flush")).map((k, v) -> KeyValue.pair(ads.get(v.ad_id), "")).peek((k, v) -> fed.incrementAndGet())
       .groupByKey(Grouped.with(Serdes.String(), Serdes.String())).windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofSeconds(10), Duration.ofMinutes(10)))
       .aggregate(() -> 0L, (k, v, a) -> { folded.incrementAndGet(); return a + 1; }, Materialized.with(Serdes.String(), Serdes.Long()))
       .toStream().foreach((k, a) -> { synchronized (w) { w.println(k.window().start() + "," + k.key() + "," + a); } });
    }
    KafkaStreams ks = new KafkaStreams(b.build(), p);
    ks.setUncaughtExceptionHandler(e -> { e.printStackTrace(); return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT; });
    ks.start();
    int parts = Integer.parseInt(System.getenv().getOrDefault("PARTITIONS", "4")); long stuck = 0, last = -1;
    while (!(seen.get() >= parts && folded.get() >= fed.get())) { Thread.sleep(20); if (folded.get() == last && ++stuck > 1000) break; if (folded.get() != last) { last = folded.get(); stuck = 0; } if (ks.state() == KafkaStreams.State.ERROR) break; }
    ks.close(); w.close();
    System.out.println("PEER {\"version\":\"4.3.1\",\"fed\":" + fed + ",\"folded\":" + folded + "}");
    System.exit(0);
  }
}
