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
import java.util.TreeMap;
import nl.eropaf.Action;
import nl.eropaf.Band;
import nl.eropaf.Norm;
import nl.eropaf.PartnerType;

/**
 * The numbers of one policy as risk/policy.py has them, and the schema ids, as the benchmark hands
 * them over in JSON.
 */
final class Policy {
  static final Band[] BANDS = {Band.LOW, Band.MEDIUM, Band.HIGH, Band.URGENT};
  static final long HUNDREDTHS = 100;
  static final long DAY_MS = 24L * 60 * 60 * 1000;

  record Partner(
      boolean accepted,
      boolean grounded,
      Integer groundUntil,
      int fromDays,
      Integer toDays,
      int validDays,
      long minimumCents,
      long pointsPerMonth,
      long usualBillCents) {}

  record Threshold(long enter, long leave, Action action) {}

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
  final long householdMinimumCents;
  final int firstTalkDays;
  final Norm firstTalkNorm;
  final int threateningDays;
  final Norm threateningNorm;
  final boolean threateningWorkingDays;
  final int daysBetweenLowerings;
  final int paidDays;
  final int withdrawnDays;
  final int silentDays;
  final List<Step> nearness = new ArrayList<>();
  final Set<Integer> holidays = new HashSet<>();
  private final TreeMap<Long, Long> ahead = new TreeMap<>();
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
    householdMinimumCents = policy.get("household_minimum_cents").asLong();
    firstTalkDays = policy.get("first_talk_days").asInt();
    firstTalkNorm = Norm.valueOf(policy.get("first_talk_norm").asText());
    threateningDays = policy.get("threatening_days").asInt();
    threateningNorm = Norm.valueOf(policy.get("threatening_norm").asText());
    threateningWorkingDays = policy.get("threatening_working_days").asBoolean();
    daysBetweenLowerings = policy.get("days_between_lowerings").asInt();
    paidDays = policy.get("paid_days").asInt();
    withdrawnDays = policy.get("withdrawn_days").asInt();
    silentDays = policy.get("silent_days").asInt();
    for (JsonNode step : policy.get("nearness")) {
      nearness.add(new Step(step.get(0).asInt(), step.get(1).asLong()));
    }
    JsonNode zone = policy.get("zone");
    for (int number = 0; number < zone.get("since").size(); number++) {
      ahead.put(zone.get("since").get(number).asLong(), zone.get("ahead").get(number).asLong());
    }
    for (JsonNode day : all.get("holidays")) {
      holidays.add(day.asInt());
    }
    for (PartnerType type : PartnerType.values()) {
      JsonNode partner = policy.get("partners").get(type.name());
      partners.put(
          type,
          new Partner(
              partner.get("accepted").asBoolean(),
              partner.get("grounded").asBoolean(),
              partner.get("ground_until").isNull() ? null : partner.get("ground_until").asInt(),
              partner.get("from_days").asInt(),
              partner.get("to_days").isNull() ? null : partner.get("to_days").asInt(),
              partner.get("valid_days").asInt(),
              partner.get("minimum_cents").asLong(),
              partner.get("points_per_month").asLong(),
              partner.get("usual_bill_cents").asLong()));
    }
    for (Band band : BANDS) {
      JsonNode threshold = policy.get("bands").get(band.name());
      bands.put(
          band,
          new Threshold(
              threshold.get("enter").asLong(),
              threshold.get("leave").asLong(),
              Action.valueOf(threshold.get("action").asText())));
    }
  }

  int schemaId(String record) {
    return schemaIds.get(record).asInt();
  }

  /** Gives the civil day of a moment. */
  int dayOf(long at) {
    var since = ahead.floorEntry(at);
    return (int) Math.floorDiv(at + (since == null ? ahead.firstEntry() : since).getValue(), DAY_MS);
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
