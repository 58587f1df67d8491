package nl.eropaf.bench;

import java.io.IOException;
import java.nio.file.Path;
import nl.eropaf.HouseholdEvent;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads events from Kafka's records. */
final class Events implements KafkaRecordDeserializationSchema<HouseholdEvent> {
  private final String policy;
  private transient Wire<HouseholdEvent> wire;

  Events(String policy) {
    this.policy = policy;
  }

  @Override
  public void open(DeserializationSchema.InitializationContext context) throws IOException {
    wire = new Wire<>(HouseholdEvent.class, new Policy(Path.of(policy)));
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<HouseholdEvent> out)
      throws IOException {
    out.collect(wire.read(record.value()));
  }

  @Override
  public TypeInformation<HouseholdEvent> getProducedType() {
    return new AvroTypeInfo<>(HouseholdEvent.class);
  }
}
