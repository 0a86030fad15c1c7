// Plays the topic scripts of Kafka vectors with the broker's own Java clients: a JSON object a line in, a JSON object a line out.
// Launched as a single source file on the broker's class path; topic-script.ts starts it.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public final class TopicScript {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long DEADLINE_MS = 60_000;

    private final String servers;
    private final Admin admin;
    private final Map<String, KafkaProducer<byte[], byte[]>> transactional = new HashMap<>();
    /** Makes the ids of transactional producers differ between the cases of one run. */
    private int caseNumber = 0;

    private TopicScript(String servers) {
        this.servers = servers;
        this.admin = Admin.create(client());
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        TopicScript script = new TopicScript(args[0]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            ObjectNode answer;
            try {
                answer = script.run(JSON.readTree(line));
            } catch (Exception error) {
                answer = JSON.createObjectNode().put("error", error.toString());
            }
            out.println(JSON.writeValueAsString(answer));
        }
        System.exit(0);
    }

    private ObjectNode run(JsonNode step) throws Exception {
        String op = step.get("op").asText();
        ObjectNode answer = JSON.createObjectNode();
        switch (op) {
            case "createTopic" -> createTopic(step);
            case "deleteTopic" -> deleteTopic(step.get("topic").asText());
            case "addPartitions" -> addPartitions(step.get("topic").asText(), step.get("total").asInt());
            case "produce" -> answer.set("at", produce(step));
            case "beginTxn" -> begin(step);
            case "commitTxn" -> {
                transactional.get(step.get("producer").asText()).commitTransaction();
                awaitMarkers(step.get("producer").asText());
            }
            case "abortTxn" -> {
                transactional.get(step.get("producer").asText()).abortTransaction();
                awaitMarkers(step.get("producer").asText());
            }
            case "deleteRecords" -> deleteRecords(step);
            case "waitCompaction" -> waitCompaction(step);
            case "sleep" -> Thread.sleep(step.get("ms").asLong());
            case "read" -> answer.set("records", read(step.get("topics")));
            case "endCase" -> endCase();
            default -> throw new IllegalArgumentException("no step " + op);
        }
        return answer;
    }

    private Properties client() {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", servers);
        return properties;
    }

    private void createTopic(JsonNode step) throws Exception {
        String topic = step.get("topic").asText();
        int partitions = step.get("partitions").asInt();
        deleteTopic(topic);
        Map<String, String> configs = new HashMap<>();
        configs.put("retention.ms", "-1");
        step.get("configs").fields().forEachRemaining(entry -> configs.put(entry.getKey(), entry.getValue().asText()));
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs))).all().get();
        awaitPartitions(topic, partitions);
    }

    private void deleteTopic(String topic) throws Exception {
        try {
            admin.deleteTopics(List.of(topic)).all().get();
        } catch (ExecutionException error) {
            if (!(error.getCause() instanceof UnknownTopicOrPartitionException)) throw error;
        }
        for (long deadline = deadline(); partitionsOf(topic) > 0; pause(deadline, "topic " + topic + " stays")) {}
    }

    private void addPartitions(String topic, int total) throws Exception {
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(total))).all().get();
        awaitPartitions(topic, total);
    }

    private void awaitPartitions(String topic, int count) throws Exception {
        for (long deadline = deadline(); partitionsOf(topic) != count; pause(deadline, "topic " + topic + " has no leaders")) {}
    }

    /** Partitions that have a leader, 0 for a topic that is not there. */
    private long partitionsOf(String topic) throws Exception {
        try {
            return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().stream()
                .filter(partition -> partition.leader() != null && !partition.leader().isEmpty()).count();
        } catch (ExecutionException error) {
            if (error.getCause() instanceof UnknownTopicOrPartitionException) return 0;
            throw error;
        }
    }

    /** A producer that sends nothing before it is flushed, so that a step's records of a partition are one batch. */
    private KafkaProducer<byte[], byte[]> producer(String codec, boolean idempotent, String transactionalId) {
        Properties properties = client();
        properties.put("batch.size", 8 << 20);
        properties.put("linger.ms", 600_000);
        properties.put("delivery.timeout.ms", 700_000);
        properties.put("max.request.size", 16 << 20);
        properties.put("compression.type", codec);
        properties.put("enable.idempotence", idempotent || transactionalId != null);
        if (transactionalId != null) {
            properties.put("transactional.id", transactionalId);
            properties.put("transaction.timeout.ms", 600_000);
        }
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private ArrayNode produce(JsonNode step) throws Exception {
        if (step.hasNonNull("producer")) return send(transactional.get(step.get("producer").asText()), step);
        boolean idempotent = step.path("idempotent").asBoolean(false);
        try (var producer = producer(step.path("codec").asText("none"), idempotent, null)) {
            return send(producer, step);
        }
    }

    private ArrayNode send(KafkaProducer<byte[], byte[]> producer, JsonNode step) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (JsonNode record : step.get("records")) {
            Integer partition = record.hasNonNull("partition") ? record.get("partition").asInt() : null;
            Long timestamp = record.hasNonNull("timestamp") ? record.get("timestamp").asLong() : null;
            List<Header> headers = new ArrayList<>();
            for (JsonNode header : record.path("headers")) headers.add(new RecordHeader(header.get(0).asText(), bytes(header.get(1))));
            String topic = step.get("topic").asText();
            sent.add(producer.send(
                new ProducerRecord<>(topic, partition, timestamp, bytes(record.get("key")), bytes(record.get("value")), headers)));
        }
        producer.flush();
        ArrayNode places = JSON.createArrayNode();
        for (Future<RecordMetadata> future : sent) {
            RecordMetadata place = future.get();
            places.add(JSON.createArrayNode().add(place.partition()).add(place.offset()));
        }
        return places;
    }

    private void begin(JsonNode step) {
        String name = step.get("producer").asText();
        KafkaProducer<byte[], byte[]> producer = transactional.computeIfAbsent(name, absent -> {
            var created = producer(step.path("codec").asText("none"), true, transactionalId(name));
            created.initTransactions();
            return created;
        });
        producer.beginTransaction();
    }

    /** The end of a transaction is answered before its markers are in the partitions. */
    private void awaitMarkers(String name) throws Exception {
        String id = transactionalId(name);
        Set<TransactionState> under = Set.of(TransactionState.ONGOING, TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT);
        for (long deadline = deadline(); ; pause(deadline, "the markers of " + name + " are missing")) {
            if (!under.contains(admin.describeTransactions(List.of(id)).all().get().get(id).state())) return;
        }
    }

    private String transactionalId(String name) {
        return name + "#" + caseNumber;
    }

    private void deleteRecords(JsonNode step) throws Exception {
        var partition = new TopicPartition(step.get("topic").asText(), step.path("partition").asInt(0));
        admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(step.get("before").asLong()))).all().get();
    }

    private void waitCompaction(JsonNode step) throws Exception {
        var partition = new TopicPartition(step.get("topic").asText(), step.path("partition").asInt(0));
        Set<Long> gone = new HashSet<>();
        step.get("gone").forEach(offset -> gone.add(offset.asLong()));
        for (long deadline = deadline(); ; pause(deadline, "compaction has left offsets of " + gone)) {
            List<ConsumerRecord<byte[], byte[]>> records = readAll(List.of(partition));
            if (records.stream().noneMatch(record -> gone.contains(record.offset()))) return;
        }
    }

    /** All records of the topics, as a read_uncommitted consumer sees them. */
    private ArrayNode read(JsonNode topics) {
        ArrayNode records = JSON.createArrayNode();
        List<TopicPartition> partitions = new ArrayList<>();
        try (var consumer = consumer()) {
            for (JsonNode topic : topics) {
                for (PartitionInfo info : consumer.partitionsFor(topic.asText())) {
                    partitions.add(new TopicPartition(info.topic(), info.partition()));
                }
            }
        }
        for (ConsumerRecord<byte[], byte[]> record : readAll(partitions)) {
            ObjectNode row = records.addObject();
            row.put("topic", record.topic()).put("partition", record.partition()).put("offset", record.offset());
            row.put("key", base64(record.key())).put("value", base64(record.value())).put("timestamp", record.timestamp());
            ArrayNode headers = row.putArray("headers");
            for (Header header : record.headers()) headers.addArray().add(header.key()).add(base64(header.value()));
        }
        return records;
    }

    private List<ConsumerRecord<byte[], byte[]>> readAll(List<TopicPartition> partitions) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (var consumer = consumer()) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        return records;
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(client(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Producers of the case go; transactions that they left open stay open. */
    private void endCase() {
        transactional.values().forEach(producer -> producer.close(Duration.ZERO));
        transactional.clear();
        caseNumber += 1;
    }

    private static byte[] bytes(JsonNode value) {
        if (value == null || value.isNull()) return null;
        if (value.isTextual()) return value.asText().getBytes(StandardCharsets.UTF_8);
        if (value.has("b64")) return Base64.getDecoder().decode(value.get("b64").asText());
        return value.get("repeat").asText().repeat(value.get("count").asInt()).getBytes(StandardCharsets.UTF_8);
    }

    private static String base64(byte[] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }

    private static long deadline() {
        return System.currentTimeMillis() + DEADLINE_MS;
    }

    private static void pause(long deadline, String what) throws InterruptedException {
        if (System.currentTimeMillis() > deadline) throw new IllegalStateException(what);
        Thread.sleep(50);
    }
}
