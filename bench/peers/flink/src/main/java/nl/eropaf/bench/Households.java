package nl.eropaf.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import nl.eropaf.HouseholdEvent;
import nl.eropaf.HouseholdRisk;
import nl.eropaf.HouseholdRow;
import nl.eropaf.PriorityUpdate;
import nl.eropaf.RankingRow;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Both hops: an event becomes a household's risk, and that an update where it crosses a threshold. */
final class Households extends KeyedProcessFunction<String, HouseholdEvent, Told> {
  private final String file;
  private transient Risk risk;
  private transient Ranking ranking;
  private transient Wire<HouseholdRisk> risks;
  private transient Wire<PriorityUpdate> updates;
  private transient ValueState<HouseholdRow> households;
  private transient ValueState<RankingRow> rankings;

  Households(String file) {
    this.file = file;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    Policy policy = new Policy(Path.of(file));
    risk = new Risk(policy);
    ranking = new Ranking(policy);
    risks = new Wire<>(HouseholdRisk.class, policy);
    updates = new Wire<>(PriorityUpdate.class, policy);
    households = rows("households", HouseholdRow.class);
    rankings = rows("rankings", RankingRow.class);
  }

  private <T extends SpecificRecordBase> ValueState<T> rows(String name, Class<T> type) {
    return getRuntimeContext().getState(new ValueStateDescriptor<>(name, new AvroTypeInfo<>(type)));
  }

  @Override
  public void processElement(HouseholdEvent event, Context context, Collector<Told> out)
      throws IOException {
    Risk.Folded folded = risk.fold(households.value(), event);
    if (folded == null) {
      return;
    }
    households.update(folded.row());
    byte[] key = event.getHousehold().getBytes(StandardCharsets.UTF_8);
    out.collect(new Told(Told.RISKS, key, risks.write(folded.risk())));
    RankingRow known = rankings.value();
    RankingRow before = known == null ? Ranking.untold() : known;
    RankingRow row = ranking.rank(before, folded.risk());
    if (row == null) {
      return;
    }
    rankings.update(row);
    if (row.getSequence() > before.getSequence()) {
      PriorityUpdate update = ranking.update(row, before, folded.risk());
      out.collect(new Told(Told.UPDATES, key, updates.write(update)));
    }
  }
}
