package nl.eropaf.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import nl.eropaf.Band;
import nl.eropaf.PartnerType;

/**
 * The numbers of one policy as risk/policy.py has them, and the schema ids, as the benchmark hands
 * them over in JSON.
 */
final class Policy {
  static final Band[] BANDS = {Band.LOW, Band.MEDIUM, Band.HIGH, Band.URGENT};
  static final long HUNDREDTHS = 100;

  record Partner(
      boolean accepted,
      int fromDays,
      Integer toDays,
      long minimumCents,
      long pointsPerMonth,
      long usualBillCents) {}

  record Threshold(long enter, long leave) {}

  record Step(int withinDays, long points) {}

  final String version;
  final boolean ownEffortMayBeUnsaid;
  final long monthsCap;
  final long breadth;
  final long planBroken;
  final long threatening;
  final long planAgreedPercent;
  final long growth;
  final long persistence;
  final int lookBackMonths;
  final long handover;
  final int firstTalkDays;
  final int threateningDays;
  final boolean threateningWorkingDays;
  final int daysBetweenLowerings;
  final int paidDays;
  final int withdrawnDays;
  final int silentDays;
  final List<Step> nearness = new ArrayList<>();
  final Set<Integer> holidays = new HashSet<>();
  final Map<PartnerType, Partner> partners = new EnumMap<>(PartnerType.class);
  final Map<Band, Threshold> bands = new EnumMap<>(Band.class);
  private final JsonNode schemaIds;

  Policy(Path file) throws IOException {
    JsonNode all = new ObjectMapper().readTree(Files.readAllBytes(file));
    JsonNode policy = all.get("policy");
    schemaIds = all.get("schema_ids");
    version = policy.get("version").asText();
    ownEffortMayBeUnsaid = policy.get("own_effort_may_be_unsaid").asBoolean();
    monthsCap = policy.get("months_cap").asLong();
    breadth = policy.get("breadth").asLong();
    planBroken = policy.get("plan_broken").asLong();
    threatening = policy.get("threatening").asLong();
    planAgreedPercent = policy.get("plan_agreed_percent").asLong();
    growth = policy.get("growth").asLong();
    persistence = policy.get("persistence").asLong();
    lookBackMonths = policy.get("look_back_months").asInt();
    handover = policy.get("handover").asLong();
    firstTalkDays = policy.get("first_talk_days").asInt();
    threateningDays = policy.get("threatening_days").asInt();
    threateningWorkingDays = policy.get("threatening_working_days").asBoolean();
    daysBetweenLowerings = policy.get("days_between_lowerings").asInt();
    paidDays = policy.get("paid_days").asInt();
    withdrawnDays = policy.get("withdrawn_days").asInt();
    silentDays = policy.get("silent_days").asInt();
    for (JsonNode step : policy.get("nearness")) {
      nearness.add(new Step(step.get(0).asInt(), step.get(1).asLong()));
    }
    for (JsonNode day : policy.get("holidays")) {
      holidays.add(day.asInt());
    }
    for (PartnerType type : PartnerType.values()) {
      JsonNode partner = policy.get("partners").get(type.name());
      partners.put(
          type,
          new Partner(
              partner.get("accepted").asBoolean(),
              partner.get("from_days").asInt(),
              partner.get("to_days").isNull() ? null : partner.get("to_days").asInt(),
              partner.get("minimum_cents").asLong(),
              partner.get("points_per_month").asLong(),
              partner.get("usual_bill_cents").asLong()));
    }
    for (Band band : BANDS) {
      JsonNode threshold = policy.get("bands").get(band.name());
      bands.put(
          band, new Threshold(threshold.get("enter").asLong(), threshold.get("leave").asLong()));
    }
  }

  int schemaId(String record) {
    return schemaIds.get(record).asInt();
  }

  /** Gives the day by which a first talk is due in a threatening situation. */
  int threateningTalkBy(int today) {
    if (!threateningWorkingDays) {
      return today + threateningDays;
    }
    int day = today;
    for (int left = threateningDays; left > 0; ) {
      day++;
      // 1 January 1970 was a Thursday.
      if (Math.floorMod(day + 3, 7) < 5 && !holidays.contains(day)) {
        left--;
      }
    }
    return day;
  }
}
