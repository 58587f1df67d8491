package nl.eropaf.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** Confluent's wire format: a zero byte, the schema id, the Avro body. One writer's schema. */
final class AvroSerde<T extends SpecificRecord> implements Serde<T> {
  private final int schemaId;
  private final Class<T> type;

  AvroSerde(Class<T> type, Policy policy) {
    this.type = type;
    this.schemaId = policy.schemaId(type.getSimpleName());
  }

  // One topology serves every stream thread, so what is reused is kept by thread.

  private final class Writing {
    private final SpecificDatumWriter<T> writer = new SpecificDatumWriter<>(type);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    private final byte[] header = ByteBuffer.allocate(5).put((byte) 0).putInt(schemaId).array();
    private final BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);

    byte[] write(T value) throws IOException {
      out.reset();
      out.writeBytes(header);
      writer.write(value, encoder);
      return out.toByteArray();
    }
  }

  private final class Reading {
    private final SpecificDatumReader<T> reader = new SpecificDatumReader<>(type);
    private BinaryDecoder decoder;

    T read(byte[] data) throws IOException {
      decoder = DecoderFactory.get().binaryDecoder(data, 5, data.length - 5, decoder);
      return reader.read(null, decoder);
    }
  }

  @Override
  public Serializer<T> serializer() {
    ThreadLocal<Writing> mine = ThreadLocal.withInitial(Writing::new);
    return (topic, value) -> {
      try {
        return value == null ? null : mine.get().write(value);
      } catch (IOException error) {
        throw new SerializationException(error);
      }
    };
  }

  @Override
  public Deserializer<T> deserializer() {
    ThreadLocal<Reading> mine = ThreadLocal.withInitial(Reading::new);
    return (topic, data) -> {
      if (data == null) {
        return null;
      }
      if (data[0] != 0 || ByteBuffer.wrap(data, 1, 4).getInt() != schemaId) {
        throw new SerializationException("not a " + type.getSimpleName() + " of this version");
      }
      try {
        return mine.get().read(data);
      } catch (IOException error) {
        throw new SerializationException(error);
      }
    };
  }
}
