package nl.eropaf.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.UUID;
import nl.eropaf.Band;
import nl.eropaf.Change;
import nl.eropaf.EndedBy;
import nl.eropaf.HouseholdRisk;
import nl.eropaf.PriorityUpdate;
import nl.eropaf.RankingRow;

/** Hop 2: the rules of risk/ranking.py. */
final class Ranking {
  private static final long DAY_MS = 24L * 60 * 60 * 1000;
  private static final UUID DNS = UUID.fromString("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  private static final UUID UPDATES = uuid5(DNS, "updates.eropaf.nl");

  private final Policy policy;

  Ranking(Policy policy) {
    this.policy = policy;
  }

  static RankingRow untold() {
    return row(0, Band.NONE, null, 0);
  }

  /** Gives the row after `risk`, or null where it was taken in before. */
  RankingRow rank(RankingRow row, HouseholdRisk risk) {
    if (risk.getSequence() <= row.getRiskSequence()) {
      return null;
    }
    Band band = bandOf(risk, row.getBand());
    if (band == row.getBand()) {
      return row(row.getSequence(), band, row.getRespondBy(), risk.getSequence());
    }
    Integer respondBy = band == Band.NONE ? null : respondBy(row.getRespondBy(), risk);
    return row(row.getSequence() + 1, band, respondBy, risk.getSequence());
  }

  PriorityUpdate update(RankingRow row, Band told, HouseholdRisk risk) {
    PriorityUpdate update = new PriorityUpdate();
    update.setUpdateId(uuid5(UPDATES, risk.getHousehold() + ":" + row.getSequence()).toString());
    update.setHousehold(risk.getHousehold());
    update.setSequence(row.getSequence());
    update.setAddress(risk.getAddress());
    update.setArea(risk.getAddress().getPostcode().substring(0, 4));
    update.setUrgency(risk.getScore());
    update.setBand(row.getBand());
    update.setRespondBy(row.getRespondBy());
    update.setChange(change(row.getBand(), told, risk));
    update.setPolicyVersion(risk.getPolicyVersion());
    update.setEventAt(risk.getAt());
    return update;
  }

  private static RankingRow row(long sequence, Band band, Integer respondBy, long riskSequence) {
    RankingRow row = new RankingRow();
    row.setSequence(sequence);
    row.setBand(band);
    row.setRespondBy(respondBy);
    row.setRiskSequence(riskSequence);
    return row;
  }

  private Band bandOf(HouseholdRisk risk, Band told) {
    if (risk.getOpenPositions() == 0) {
      return Band.NONE;
    }
    Band best = Band.NONE;
    for (Band band : Policy.BANDS) {
      Policy.Threshold threshold = policy.bands.get(band);
      long needed = height(band) <= height(told) ? threshold.leave() : threshold.enter();
      if (risk.getScore() >= needed * Risk.HUNDREDTHS) {
        best = band;
      }
    }
    return best;
  }

  private Integer respondBy(Integer told, HouseholdRisk risk) {
    int today = (int) Math.floorDiv(risk.getAt(), DAY_MS);
    int due = today + policy.firstTalkDays;
    if (risk.getThreatening()) {
      due = today + policy.threateningDays;
      if (risk.getCrisisOn() != null) {
        due = Math.max(today, Math.min(due, risk.getCrisisOn()));
      }
    }
    return told == null ? due : Math.min(told, due);
  }

  private static Change change(Band band, Band told, HouseholdRisk risk) {
    if (height(band) > height(told)) {
      return Change.RAISED;
    }
    if (band == Band.NONE && risk.getOpenPositions() == 0) {
      return risk.getEndedBy() == EndedBy.WITHDRAWN ? Change.WITHDRAWN : Change.CLOSED;
    }
    return Change.LOWERED;
  }

  private static int height(Band band) {
    return Arrays.asList(Policy.BANDS).indexOf(band);
  }

  /** RFC 9562 version 5. */
  private static UUID uuid5(UUID namespace, String name) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(
          ByteBuffer.allocate(16)
              .putLong(namespace.getMostSignificantBits())
              .putLong(namespace.getLeastSignificantBits())
              .flip());
      ByteBuffer hash = ByteBuffer.wrap(sha1.digest(name.getBytes(StandardCharsets.UTF_8)));
      long most = hash.getLong() & 0xFFFFFFFFFFFF0FFFL | 0x5000L;
      long least = hash.getLong() & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L;
      return new UUID(most, least);
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }
}
