package nl.eropaf.bench;

import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import nl.eropaf.HouseholdEvent;
import nl.eropaf.HouseholdRisk;
import nl.eropaf.HouseholdRow;
import nl.eropaf.PriorityUpdate;
import nl.eropaf.RankingRow;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * household-events → fold → household-risk → rank → outreach.priorities.
 *
 * <p>Fused, both processors run in one task, and household-risk is only written.
 */
public final class Main {
  private static final Serde<String> KEY = Serdes.String();
  private static final CloseOptions LEAVING =
      CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);

  public static void main(String[] arguments) throws Exception {
    Policy policy = new Policy(Path.of(env("BENCH_POLICY")));
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(store("household", new AvroSerde<>(HouseholdRow.class, policy)));
    builder.addStateStore(store("ranking", new AvroSerde<>(RankingRow.class, policy)));
    Serde<HouseholdRisk> risks = new AvroSerde<>(HouseholdRisk.class, policy);
    KStream<String, HouseholdRisk> told =
        builder.stream(
                "household-events", Consumed.with(KEY, new AvroSerde<>(HouseholdEvent.class, policy)))
            .processValues(() -> new Household(new Risk(policy)), "household");
    told.to("household-risk", Produced.with(KEY, risks));
    boolean fused = Boolean.parseBoolean(env("BENCH_FUSED"));
    KStream<String, HouseholdRisk> ranked =
        fused ? told : builder.stream("household-risk", Consumed.with(KEY, risks));
    ranked
        .processValues(() -> new Rank(new Ranking(policy)), "ranking")
        .to("outreach.priorities",
            Produced.with(KEY, new AvroSerde<>(PriorityUpdate.class, policy)));
    KafkaStreams streams = new KafkaStreams(builder.build(), settings());
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  streams.close(LEAVING);
                  ended.countDown();
                }));
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          Runtime.getRuntime().halt(1);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.start();
    ended.await();
  }

  private static Properties settings() {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "bench");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, env("BENCH_BOOTSTRAP"));
    settings.put(StreamsConfig.STATE_DIR_CONFIG, env("BENCH_STATE"));
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, env("BENCH_COMMIT_MS"));
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, env("BENCH_THREADS"));
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(StreamsConfig.producerPrefix("compression.type"), "lz4");
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    return settings;
  }

  private static <T> StoreBuilder<KeyValueStore<String, T>> store(String name, Serde<T> rows) {
    return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), KEY, rows)
        .withCachingEnabled();
  }

  private static String env(String name) {
    return System.getenv(name);
  }

  private static final class Household
      implements FixedKeyProcessor<String, HouseholdEvent, HouseholdRisk> {
    private final Risk risk;
    private FixedKeyProcessorContext<String, HouseholdRisk> context;
    private KeyValueStore<String, HouseholdRow> rows;

    Household(Risk risk) {
      this.risk = risk;
    }

    @Override
    public void init(FixedKeyProcessorContext<String, HouseholdRisk> context) {
      this.context = context;
      this.rows = context.getStateStore("household");
    }

    @Override
    public void process(FixedKeyRecord<String, HouseholdEvent> record) {
      Risk.Folded folded = risk.fold(rows.get(record.key()), record.value());
      if (folded != null) {
        rows.put(record.key(), folded.row());
        context.forward(record.withValue(folded.risk()));
      }
    }
  }

  private static final class Rank
      implements FixedKeyProcessor<String, HouseholdRisk, PriorityUpdate> {
    private final Ranking ranking;
    private FixedKeyProcessorContext<String, PriorityUpdate> context;
    private KeyValueStore<String, RankingRow> rows;

    Rank(Ranking ranking) {
      this.ranking = ranking;
    }

    @Override
    public void init(FixedKeyProcessorContext<String, PriorityUpdate> context) {
      this.context = context;
      this.rows = context.getStateStore("ranking");
    }

    @Override
    public void process(FixedKeyRecord<String, HouseholdRisk> record) {
      RankingRow known = rows.get(record.key());
      RankingRow before = known == null ? Ranking.untold() : known;
      RankingRow row = ranking.rank(before, record.value());
      if (row == null) {
        return;
      }
      rows.put(record.key(), row);
      if (row.getSequence() > before.getSequence()) {
        context.forward(
            record.withValue(ranking.update(row, before, record.value())));
      }
    }
  }
}
