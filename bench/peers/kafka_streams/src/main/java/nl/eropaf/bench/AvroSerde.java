package nl.eropaf.bench;

import java.io.IOException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Records as Kafka Streams reads and writes them. */
final class AvroSerde<T extends SpecificRecord> implements Serde<T> {
  // One topology serves every stream thread.
  private final ThreadLocal<Wire<T>> wire;

  AvroSerde(Class<T> type, Policy policy) {
    wire = ThreadLocal.withInitial(() -> new Wire<>(type, policy));
  }

  @Override
  public Serializer<T> serializer() {
    return (topic, value) -> {
      try {
        return value == null ? null : wire.get().write(value);
      } catch (IOException error) {
        throw new SerializationException(error);
      }
    };
  }

  @Override
  public Deserializer<T> deserializer() {
    return (topic, data) -> {
      try {
        return data == null ? null : wire.get().read(data);
      } catch (IOException error) {
        throw new SerializationException(error);
      }
    };
  }
}
