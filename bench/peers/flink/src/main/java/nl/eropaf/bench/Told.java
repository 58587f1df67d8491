package nl.eropaf.bench;

import java.util.List;
import java.util.Optional;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;

/** One record that is to be written, to whichever topic: both go through one sink, in one transaction. */
public final class Told {
  static final String RISKS = "household-risk";
  static final String UPDATES = "outreach.priorities";

  public String topic;
  public byte[] key;
  public byte[] value;

  /** Flink makes one by itself. */
  public Told() {}

  Told(String topic, byte[] key, byte[] value) {
    this.topic = topic;
    this.key = key;
    this.value = value;
  }

  /** Gives a record to Kafka's producer; a pool of transaction ids asks for the topics beforehand. */
  static final class Serializer
      implements KafkaRecordSerializationSchema<Told>, KafkaDatasetFacetProvider {
    @Override
    public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
      var topics = DefaultKafkaDatasetIdentifier.ofTopics(List.of(RISKS, UPDATES));
      return Optional.of(new DefaultKafkaDatasetFacet(topics));
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(Told told, KafkaSinkContext context, Long at) {
      return new ProducerRecord<>(told.topic, null, at, told.key, told.value);
    }
  }
}
