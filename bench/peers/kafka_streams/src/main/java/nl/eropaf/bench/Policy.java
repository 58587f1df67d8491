package nl.eropaf.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import nl.eropaf.Band;
import nl.eropaf.PartnerType;

/** The numbers of one policy, and the schema ids, as the benchmark hands them over in JSON. */
final class Policy {
  static final Band[] BANDS = {Band.LOW, Band.MEDIUM, Band.HIGH, Band.URGENT};

  record Partner(long pointsPerMonth, long usualBillEur) {}

  record Threshold(long enter, long leave) {}

  final String version;
  final long minimumAmountEur;
  final long monthsCap;
  final long breadth;
  final long planBroken;
  final long threatening;
  final long planAgreedPercent;
  final int firstTalkDays;
  final int threateningDays;
  final Map<PartnerType, Partner> partners = new EnumMap<>(PartnerType.class);
  final Map<Band, Threshold> bands = new EnumMap<>(Band.class);
  private final JsonNode schemaIds;

  Policy(Path file) throws IOException {
    JsonNode all = new ObjectMapper().readTree(Files.readAllBytes(file));
    JsonNode policy = all.get("policy");
    schemaIds = all.get("schema_ids");
    version = policy.get("version").asText();
    minimumAmountEur = policy.get("minimum_amount_eur").asLong();
    JsonNode weights = policy.get("weights");
    monthsCap = weights.get("months_cap").asLong();
    breadth = weights.get("breadth").asLong();
    planBroken = weights.get("plan_broken").asLong();
    threatening = weights.get("threatening").asLong();
    planAgreedPercent = weights.get("plan_agreed_percent").asLong();
    firstTalkDays = policy.get("deadlines").get("first_talk_days").asInt();
    threateningDays = policy.get("deadlines").get("threatening_days").asInt();
    for (PartnerType type : PartnerType.values()) {
      JsonNode partner = policy.get("partners").get(type.name());
      partners.put(
          type,
          new Partner(
              partner.get("points_per_month").asLong(), partner.get("usual_bill_eur").asLong()));
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
}
