package nl.eropaf.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import nl.eropaf.HouseholdEvent;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * household-events → fold → rank → household-risk and outreach.priorities, in one task of one slot.
 */
public final class Main {
  public static void main(String[] arguments) throws Exception {
    Path checkpoints = Path.of(env("BENCH_STATE"), "checkpoints");
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(1, settings(checkpoints));
    environment.enableCheckpointing(Long.parseLong(env("BENCH_COMMIT_MS")));
    String policy = env("BENCH_POLICY");
    DataStream<HouseholdEvent> events =
        environment.fromSource(
            source(policy), WatermarkStrategy.noWatermarks(), "household-events");
    // Kafka keeps a household's events in one partition, and there is one slot: nothing to shuffle.
    DataStreamUtils.reinterpretAsKeyedStream(events, HouseholdEvent::getHousehold)
        .process(new Households(policy))
        .uid("households")
        .sinkTo(sink())
        .uid("told");
    environment.execute("bench");
  }

  private static Configuration settings(Path checkpoints) throws IOException {
    Configuration settings = new Configuration();
    settings.set(PipelineOptions.OBJECT_REUSE, true);
    settings.set(StateBackendOptions.STATE_BACKEND, "hashmap");
    settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
    settings.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
    newest(checkpoints)
        .ifPresent(path -> settings.set(StateRecoveryOptions.SAVEPOINT_PATH, path.toUri().toString()));
    return settings;
  }

  /** Gives the newest whole checkpoint that an earlier run left. */
  private static Optional<Path> newest(Path checkpoints) throws IOException {
    if (!Files.exists(checkpoints)) {
      return Optional.empty();
    }
    try (Stream<Path> found = Files.walk(checkpoints)) {
      return found
          .filter(path -> path.endsWith("_metadata"))
          .max(Comparator.comparing(path -> path.toFile().lastModified()))
          .map(Path::getParent);
    }
  }

  private static KafkaSource<HouseholdEvent> source(String policy) {
    return KafkaSource.<HouseholdEvent>builder()
        .setBootstrapServers(env("BENCH_BOOTSTRAP"))
        .setTopics("household-events")
        .setGroupId("bench")
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setProperty("isolation.level", "read_committed")
        .setDeserializer(new Events(policy))
        .build();
  }

  private static KafkaSink<Told> sink() {
    return KafkaSink.<Told>builder()
        .setBootstrapServers(env("BENCH_BOOTSTRAP"))
        .setRecordSerializer(new Told.Serializer())
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .setTransactionalIdPrefix("bench")
        .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
        .setProperty("transaction.timeout.ms", "600000")
        .setProperty("compression.type", "lz4")
        .build();
  }

  private static String env(String name) {
    return System.getenv(name);
  }
}
