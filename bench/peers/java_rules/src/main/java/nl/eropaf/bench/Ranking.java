package nl.eropaf.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import nl.eropaf.Band;
import nl.eropaf.Change;
import nl.eropaf.HouseholdRisk;
import nl.eropaf.PriorityUpdate;
import nl.eropaf.RankingRow;

/** Hop 2: the rules of risk/ranking.py. */
final class Ranking {
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
    int today = policy.dayOf(risk.getAt());
    Band told = row.getBand();
    Band band = slowly(row, bandOf(risk, told), risk, today);
    Integer listedOn = band == Band.NONE ? null : told == Band.NONE ? Integer.valueOf(today) : row.getListedOn();
    Integer threatenedOn = null;
    if (listedOn != null && risk.getThreatening()) {
      threatenedOn = row.getThreatenedOn() == null ? Integer.valueOf(today) : row.getThreatenedOn();
    }
    Integer respondBy = listedOn == null ? null : respondBy(listedOn, threatenedOn, risk);
    boolean tells = band != told || !Objects.equals(respondBy, row.getRespondBy());
    RankingRow after =
        row(row.getSequence() + (tells ? 1 : 0), band, respondBy, risk.getSequence());
    after.setLoweredOn(height(band) < height(told) ? Integer.valueOf(today) : row.getLoweredOn());
    after.setListedOn(listedOn);
    after.setThreatenedOn(threatenedOn);
    return after;
  }

  PriorityUpdate update(RankingRow row, RankingRow before, HouseholdRisk risk) {
    PriorityUpdate update = new PriorityUpdate();
    update.setUpdateId(uuid5(UPDATES, risk.getHousehold() + ":" + row.getSequence() + ":" + risk.getAt()).toString());
    update.setHousehold(risk.getHousehold());
    update.setSequence(row.getSequence());
    update.setAddress(risk.getAddress());
    update.setArea(risk.getAddress().getPostcode().substring(0, 4));
    update.setUrgency(risk.getScore());
    update.setBand(row.getBand());
    update.setRespondBy(row.getRespondBy());
    update.setChange(change(row, before, risk));
    update.setPolicyVersion(risk.getPolicyVersion());
    update.setEventAt(risk.getAt());
    if (row.getBand() != Band.NONE) {
      update.setAction(policy.bands.get(row.getBand()).action());
      update.setRespondByNorm(isSoon(row) ? policy.threateningNorm : policy.firstTalkNorm);
    }
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

  /** Holds the band where the last lowering is too recent, and arrears still stand. */
  private Band slowly(RankingRow row, Band band, HouseholdRisk risk, int today) {
    Band told = row.getBand();
    Integer lowered = row.getLoweredOn();
    if (risk.getOpenPositions() == 0 || height(band) >= height(told) || lowered == null) {
      return band;
    }
    return today < lowered + policy.daysBetweenLowerings ? told : band;
  }

  private Band bandOf(HouseholdRisk risk, Band told) {
    if (risk.getOpenPositions() == 0) {
      return Band.NONE;
    }
    Band best = Band.NONE;
    for (Band band : Policy.BANDS) {
      Policy.Threshold threshold = policy.bands.get(band);
      long needed = height(band) <= height(told) ? threshold.leave() : threshold.enter();
      if (risk.getScore() >= needed) {
        best = band;
      }
    }
    return best;
  }

  private boolean isSoon(RankingRow row) {
    Integer since = row.getThreatenedOn();
    int firstTalkBy = row.getListedOn() + policy.firstTalkDays;
    return since != null && policy.threateningTalkBy(since) <= firstTalkBy;
  }

  private Integer respondBy(int listedOn, Integer threatenedOn, HouseholdRisk risk) {
    int due = listedOn + policy.firstTalkDays;
    if (threatenedOn != null) {
      due = Math.min(due, policy.threateningTalkBy(threatenedOn));
    }
    return risk.getCrisisOn() == null ? due : Math.min(due, risk.getCrisisOn());
  }

  private static Change change(RankingRow row, RankingRow before, HouseholdRisk risk) {
    int height = height(row.getBand());
    int told = height(before.getBand());
    if (row.getBand() == Band.NONE && risk.getOpenPositions() == 0) {
      return switch (risk.getEndedBy()) {
        case WITHDRAWN, SILENT -> Change.WITHDRAWN;
        default -> Change.CLOSED;
      };
    }
    if (height != told) {
      return height > told ? Change.RAISED : Change.LOWERED;
    }
    return row.getRespondBy() > before.getRespondBy() ? Change.LOWERED : Change.RAISED;
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
