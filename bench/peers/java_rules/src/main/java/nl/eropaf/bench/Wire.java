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

/**
 * Confluent's wire format: a zero byte, the schema id, the Avro body. One writer's schema, and one
 * thread, as what it works with is used again.
 */
final class Wire<T extends SpecificRecord> {
  private final String name;
  private final int schemaId;
  private final SpecificDatumWriter<T> writer;
  private final SpecificDatumReader<T> reader;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
  private final byte[] header;
  private final BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
  private BinaryDecoder decoder;

  Wire(Class<T> type, Policy policy) {
    name = type.getSimpleName();
    schemaId = policy.schemaId(name);
    writer = new SpecificDatumWriter<>(type);
    reader = new SpecificDatumReader<>(type);
    header = ByteBuffer.allocate(5).put((byte) 0).putInt(schemaId).array();
  }

  byte[] write(T value) throws IOException {
    out.reset();
    out.writeBytes(header);
    writer.write(value, encoder);
    return out.toByteArray();
  }

  T read(byte[] data) throws IOException {
    if (data[0] != 0 || ByteBuffer.wrap(data, 1, 4).getInt() != schemaId) {
      throw new IOException("not a " + name + " of this version");
    }
    decoder = DecoderFactory.get().binaryDecoder(data, 5, data.length - 5, decoder);
    return reader.read(null, decoder);
  }
}
