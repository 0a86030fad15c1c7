import java.io.BufferedReader;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * TopicLoader BOOTSTRAP TOPIC PARTITIONS KEY FOLDER: each line of FOLDER/part-* becomes a record, keyed by the JSON text under KEY; then
 * the line of FOLDER/z-flush.ndjson goes into each partition.
 */
public class TopicLoader {
  public static void main(String[] words) throws Exception {
    String topic = words[1];
    int partitions = Integer.parseInt(words[2]);
    String opening = "\"" + words[3] + "\":\"";
    Map<String, Object> options = Map.of("bootstrap.servers", words[0], "linger.ms", "20", "batch.size", "65536", "acks", "1");
    File[] files = new File(words[4]).listFiles((folder, name) -> name.startsWith("part-"));
    Arrays.sort(files);
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(options, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (File file : files) {
        try (BufferedReader reader = Files.newBufferedReader(file.toPath())) {
          for (String line; (line = reader.readLine()) != null; ) {
            int from = line.indexOf(opening) + opening.length();
            producer.send(new ProducerRecord<>(topic, bytes(line.substring(from, line.indexOf('"', from))), bytes(line)));
          }
        }
      }
      producer.flush();
      byte[] flush = bytes(Files.readString(Path.of(words[4], "z-flush.ndjson")).trim());
      for (int partition = 0; partition < partitions; partition++) producer.send(new ProducerRecord<>(topic, partition, null, flush));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
